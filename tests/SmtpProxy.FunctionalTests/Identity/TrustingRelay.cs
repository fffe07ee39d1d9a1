using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>A relay that speaks SMTP or LMTP, offers what a test says, takes XCLIENT if that is among it, and remembers
/// each line that it heard.</summary>
internal sealed class TrustingRelay : TestRelay
{
    private readonly string _hello;
    private readonly string[] _offers;
    private readonly List<string> _heard = [];

    /// <param name="isLmtp">It knows LHLO and not EHLO (RFC 2033 4.1).</param>
    /// <param name="offers">The lines of its reply to that.</param>
    public TrustingRelay(bool isLmtp, params string[] offers)
        : this(IPAddress.Loopback, isLmtp, offers)
    {
    }

    /// <param name="at">Where it listens.</param>
    /// <param name="isLmtp">It knows LHLO and not EHLO (RFC 2033 4.1).</param>
    /// <param name="offers">The lines of its reply to that.</param>
    public TrustingRelay(IPAddress at, bool isLmtp, params string[] offers)
        : base(at)
    {
        (_hello, _offers) = (isLmtp ? "LHLO" : "EHLO", ["relay.example", .. offers]);
        Start();
    }

    /// <summary>What it offers from the next EHLO on; null: as in the beginning.</summary>
    public string[]? OffersNow { get; set; }

    /// <summary>What it was told so far, by everybody.</summary>
    public string[] Heard
    {
        get
        {
            lock (_heard)
            {
                return [.. _heard];
            }
        }
    }

    protected override async Task ServeAsync(TcpClient tcp)
    {
        var lines = new StreamReader(tcp.GetStream(), Encoding.Latin1);
        await SayAsync(tcp, "220 relay.example ready");
        while (await lines.ReadLineAsync() is { } line)
        {
            lock (_heard)
            {
                _heard.Add(line);
            }

            await SayAsync(tcp, AnswerTo(line));
        }
    }

    private string AnswerTo(string line)
    {
        string[] offers = OffersNow is { } now ? ["relay.example", .. now] : _offers;
        return line.Split(' ')[0].ToUpperInvariant() switch
        {
            var verb when verb == _hello =>
                string.Join("\r\n", offers.Select((offer, n) => $"250{(n < offers.Length - 1 ? '-' : ' ')}{offer}")),
            "EHLO" or "LHLO" => "500 5.5.1 What?",
            "XCLIENT" when offers.Any(static offer => offer.StartsWith("XCLIENT", StringComparison.Ordinal)) => "220 relay.example again",
            "XCLIENT" => "550 5.7.0 Not you",
            "DATA" => "354 go",
            "QUIT" => "221 2.0.0 bye",
            _ => "250 2.0.0 ok",
        };
    }

    private static Task SayAsync(TcpClient tcp, string reply) =>
        tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(reply + "\r\n")).AsTask();
}
