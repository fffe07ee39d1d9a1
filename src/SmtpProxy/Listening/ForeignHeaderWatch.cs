using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.Listening;

/// <summary>
/// Stands between a connection that may not send a PROXY header and its session, where others may and need not: a relay that believes such
/// headers must not take the connection's first octets for the proxy's own. Nobody is made to wait: everything goes on at once, but for the
/// octet with which the beginning of a header would be whole.
/// </summary>
internal sealed class ForeignHeaderWatch(ProxyHeaderRules rules, IPairHandler session) : IPairHandler
{
    private IPair _pair = null!;
    private bool _isLine;
    private int _matched;
    private bool _isOver;
    private bool _isRefused;

    public void Accepted(IPair pair)
    {
        _pair = pair;
        session.Accepted(pair);
    }

    public void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (from == Leg.Client && !_isOver)
        {
            Look(octets);
        }

        if (from == Leg.Relay || !_isRefused)
        {
            session.Received(from, octets);
        }
    }

    public void Dialled(in DialResult result) => session.Dialled(result);

    public void Spliced(Leg from, long octets) => session.Spliced(from, octets);

    public void Ended(Leg from, EndKind how) => session.Ended(from, how);

    public void Drained(Leg to) => session.Drained(to);

    public void TimedOut(PairTimer timer) => session.TimedOut(timer);

    public void Signalled(int what) => session.Signalled(what);

    public void Secured(in TlsHandshake handshake) => session.Secured(handshake);

    public void Closed() => session.Closed();

    /// <summary>Whether a header has begun with these octets.</summary>
    private void Look(ReadOnlySpan<byte> octets)
    {
        if (_matched == 0 && !octets.IsEmpty)
        {
            _isLine = octets[0] == ProxyHeader.LineStart[0];
        }

        var expected = _isLine ? ProxyHeader.LineStart : ProxyHeader.Signature;
        var common = octets.CommonPrefixLength(expected[_matched..]);
        _matched += common;
        _isRefused = _matched == expected.Length;
        _isOver = _isRefused || common < octets.Length;
        if (_isRefused)
        {
            rules.Refused(_pair.Client, _pair.Now, ProxyHeaderRules.FromElsewhere);
            _pair.Reset(Leg.Client);
            session.Ended(Leg.Client, EndKind.Reset);
        }
    }
}
