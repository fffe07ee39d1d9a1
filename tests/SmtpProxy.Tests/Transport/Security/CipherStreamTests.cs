using SmtpProxy.Transport.Security;

namespace SmtpProxy.Tests.Transport.Security;

/// <summary>What a decryption gets of a connection's octets.</summary>
public sealed class CipherStreamTests
{
    /// <summary>Otherwise a part of the next record fills a buffer for as long as the session takes no more.</summary>
    [Fact]
    public async Task Read_OfSeveralRecords_EndsWithTheFirst()
    {
        byte[] first = [0x17, 3, 3, 0, 2, 1, 2];
        byte[] second = [0x17, 3, 3, 0, 3, 4];
        await using var stream = new CipherStream(static _ => { });
        stream.Feed([.. first, .. second]);
        var buffer = new byte[100];

        Assert.Equal(first.Length, await stream.ReadAsync(buffer));
        Assert.Equal(second.Length, stream.Unread);
        Assert.Equal(second.Length, await stream.ReadAsync(buffer));

        var waits = stream.ReadAsync(buffer).AsTask();
        Assert.False(waits.IsCompleted);
        stream.Feed([5, 6, .. first]);
        Assert.Equal(2, await waits);
        Assert.Equal(first.Length, await stream.ReadAsync(buffer));
    }
}
