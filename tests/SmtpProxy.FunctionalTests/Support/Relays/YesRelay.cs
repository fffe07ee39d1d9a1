using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>A relay that answers every line with 250 and remembers nothing, so that only the proxy's memory is at stake.</summary>
internal sealed class YesRelay : TestRelay
{
    /// <summary>As many answers as lines can come in one read.</summary>
    private static readonly byte[] s_answers = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Answer, MostOctets)));

    private const string Answer = "250 yes\r\n";
    private const int MostOctets = 16 * 1024;

    public YesRelay() => Start();

    protected override async Task ServeAsync(TcpClient client)
    {
        var stream = client.GetStream();
        await stream.WriteAsync("220 yes\r\n"u8.ToArray());
        var heard = new byte[MostOctets];
        while (await stream.ReadAsync(heard) is var read and > 0)
        {
            var lines = heard.AsSpan(0, read).Count((byte)'\n');
            await stream.WriteAsync(s_answers.AsMemory(0, lines * Answer.Length));
        }
    }
}
