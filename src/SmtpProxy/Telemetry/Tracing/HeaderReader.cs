using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>Reads a message's header as it passes (RFC 5322 2.2), however it is cut, for two fields: Message-ID and <c>traceparent</c> (W3C
/// Trace Context). Stops at the empty line, and at a bound; nothing of the rest is looked at, and of other
/// fields nothing is kept.</summary>
internal sealed class HeaderReader
{
    /// <summary>Octets of a header that are read.</summary>
    private const int MostHeader = 64 * 1024;

    /// <summary>Octets of a field that are kept; one that is longer is neither of the two.</summary>
    private const int MostField = 512;

    private static readonly SearchValues<byte> IdOctets =
        SearchValues.Create("!#$%&'*+-/=?^_`{|}~.@[]:;,()\"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private readonly bool _wantsId;
    private readonly bool _wantsParent;
    private readonly byte[] _field = new byte[MostField];
    private readonly byte[] _id = new byte[MostField];
    private int _fieldLength;
    private int _idLength;
    private int _column;
    private int _read;

    /// <summary>Creates a reader.</summary>
    /// <param name="wantsId">Whether Message-ID is wanted.</param>
    /// <param name="wantsParent">Whether <c>traceparent</c> is wanted.</param>
    public HeaderReader(bool wantsId, bool wantsParent) => (_wantsId, _wantsParent) = (wantsId, wantsParent);

    /// <summary>Whether more of the header is expected.</summary>
    public bool IsReading { get; private set; }

    /// <summary>The Message-ID, with its angle brackets; empty where there is none, or not one.</summary>
    public ReadOnlySpan<byte> MessageId => _id.AsSpan(0, _idLength);

    /// <summary>The sender's span; the default value where there is none.</summary>
    public ActivityContext Sender { get; private set; }

    /// <summary>Begins with a new message.</summary>
    public void Begin()
    {
        (_fieldLength, _idLength, _column, _read, Sender) = (0, 0, 0, 0, default);
        IsReading = true;
    }

    /// <summary>Reads octets of the message, in order.</summary>
    public void Read(ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            if (!IsReading || ++_read > MostHeader)
            {
                End();
                return;
            }

            Take(octet);
        }
    }

    /// <summary>Ends the header: no more of it will come.</summary>
    public void End()
    {
        if (IsReading)
        {
            Settle();
            IsReading = false;
        }
    }

    private void Take(byte octet)
    {
        switch (octet)
        {
            case (byte)'\r':
                return;
            case (byte)'\n' when _column == 0:
                End();
                return;
            case (byte)'\n':
                _column = 0;
                return;
        }

        if (_column++ == 0 && octet is not ((byte)' ' or (byte)'\t'))
        {
            // A folded field goes on in the next line; this is another one.
            Settle();
        }

        if (_fieldLength < MostField)
        {
            _field[_fieldLength] = octet;
        }

        _fieldLength = Math.Min(_fieldLength + 1, MostField + 1);
    }

    private void Settle()
    {
        var length = _fieldLength;
        _fieldLength = 0;
        var colon = length <= MostField ? _field.AsSpan(0, length).IndexOf((byte)':') : -1;
        if (colon < 0)
        {
            return;
        }

        var name = _field.AsSpan(0, colon).TrimEnd(" \t"u8);
        var value = _field.AsSpan(0, length)[(colon + 1)..].Trim(" \t"u8);
        if (_wantsId && _idLength == 0 && Ascii.EqualsIgnoreCase(name, "Message-ID"u8) && IsId(value))
        {
            value.CopyTo(_id);
            _idLength = value.Length;
        }
        else if (_wantsParent && Sender == default && Ascii.EqualsIgnoreCase(name, "traceparent"u8))
        {
            Sender = ParentOf(value);
        }
    }

    /// <summary>Whether it has the form of a msg-id (RFC 5322 3.6.4): anything else could be something secret in the wrong place.</summary>
    private static bool IsId(ReadOnlySpan<byte> value) =>
        value is [(byte)'<', .., (byte)'>'] && value[1..^1] is var id && id.Contains((byte)'@') && !id.ContainsAnyExcept(IdOctets);

    private static ActivityContext ParentOf(ReadOnlySpan<byte> value) =>
        value.Length == 55 && ActivityContext.TryParse(Encoding.ASCII.GetString(value), null, isRemote: true, out var parent)
            && parent.TraceId != default && parent.SpanId != default
            ? parent
            : default;
}
