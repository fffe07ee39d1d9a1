using System.Buffers;

namespace SmtpProxy.Transport.Security;

/// <summary>Records of one long write, to be sent together: as many system calls as there are writes, and
/// not as there are records.</summary>
/// <param name="sink">Takes them.</param>
internal sealed class GatheredRecords(CipherSink sink)
{
    /// <summary>The largest plain text of a record, and more than is put around it (RFC 8446, section 5.2).</summary>
    private const int Record = 16 * 1024;
    private const int Around = 256;

    private byte[]? _buffer;
    private int _length;

    /// <summary>Records of so many plain octets are about to come.</summary>
    public void Begin(int plain)
    {
        if (plain > Record)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(plain + (Around * ((plain / Record) + 1)));
        }
    }

    /// <summary>A record.</summary>
    public void Add(ReadOnlySpan<byte> octets)
    {
        if (_length + octets.Length > (_buffer?.Length ?? 0))
        {
            Send();
            sink(octets);
            return;
        }

        octets.CopyTo(_buffer.AsSpan(_length));
        _length += octets.Length;
    }

    /// <summary>No more come.</summary>
    public void End()
    {
        Send();
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Send()
    {
        if (_length > 0)
        {
            var length = _length;
            _length = 0;
            sink(_buffer.AsSpan(0, length));
        }
    }
}
