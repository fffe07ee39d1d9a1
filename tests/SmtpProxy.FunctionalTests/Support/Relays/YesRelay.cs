using System.Net.Sockets;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>A relay that answers every line with 250 and remembers nothing, so that only the proxy's memory is at stake.</summary>
internal sealed class YesRelay : TestRelay
{
    public YesRelay() => Start();

    protected override async Task ServeAsync(TcpClient client)
    {
        var stream = client.GetStream();
        await stream.WriteAsync("220 yes\r\n"u8.ToArray());
        var heard = new byte[16 * 1024];
        while (await stream.ReadAsync(heard) is var read and > 0)
        {
            var lines = heard.AsSpan(0, read).Count((byte)'\n');
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("250 yes\r\n", lines))));
        }
    }
}
