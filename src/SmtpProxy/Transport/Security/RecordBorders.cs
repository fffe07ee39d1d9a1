namespace SmtpProxy.Transport.Security;

/// <summary>
/// Where records of TLS end (RFC 8446, section 5.1). Who decrypts gets no octet of the next one before it asks for that: otherwise it keeps
/// a buffer of twice a record, which nobody counts, for as long as the session takes no more.
/// </summary>
/// <remarks><code>
/// TLSPlaintext = type (1) legacy_record_version (2) length (2) fragment (length)
/// </code></remarks>
internal struct RecordBorders
{
    private const int Header = 5;
    private int _header;
    private int _left;

    /// <summary>How many of these octets, which are taken now, come up to the end of a record; at least one, if there are any.</summary>
    public int Take(ReadOnlySpan<byte> octets)
    {
        var taken = 0;
        while (taken < octets.Length && _header < Header)
        {
            _left = (_left << 8 | octets[taken++]) & ushort.MaxValue;
            _header++;
        }

        if (_header == Header)
        {
            var count = Math.Min(_left, octets.Length - taken);
            _left -= count;
            taken += count;
            _header = _left == 0 ? 0 : Header;
        }

        return taken;
    }
}
