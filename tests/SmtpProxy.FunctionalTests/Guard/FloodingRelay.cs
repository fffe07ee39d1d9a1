using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>A relay that answers a message with verdicts without end.</summary>
internal sealed class FloodingRelay : TestRelay
{
    /// <summary>More than all buffers of the kernel hold.</summary>
    public const int Offered = 64 * 1024 * 1024;

    private static readonly byte[] Verdict = "250 2.0.0 taken\r\n"u8.ToArray();
    private readonly TaskCompletionSource<int> _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FloodingRelay() => Start();

    /// <summary>Octets of verdicts that were taken, once no more are.</summary>
    public Task<int> Stalled => _stalled.Task;

    /// <summary>Reads what was taken, which is verdicts and nothing else.</summary>
    public static async Task ReadAsync(Stream client, int sent)
    {
        var (octets, at) = (new byte[sent], 0);
        await client.ReadExactlyAsync(octets).AsTask().WaitAsync(ProxyProcess.Patience);
        Assert.Equal(-1, Array.FindIndex(octets, 0, octet => octet != Verdict[at++ % Verdict.Length]));
    }

    protected override async Task ServeAsync(TcpClient client)
    {
        client.NoDelay = true;
        var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var inBody = false;
        for (var line = ""; line is not null; line = await reader.ReadLineAsync())
        {
            if (line == ".")
            {
                _stalled.SetResult(await Task.Run(() => Flood(client.Client)));
                inBody = false;
            }
            else if (!inBody)
            {
                inBody = line == "DATA";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(TalkingRelay.Yes(line) + "\r\n"));
            }
        }
    }

    /// <summary>Verdicts, until none is taken for a second, or too many were.</summary>
    private static int Flood(Socket socket)
    {
        socket.Blocking = false;
        byte[] many = [.. Enumerable.Repeat(Verdict, 1000).SelectMany(static v => v)];
        var sent = 0;
        while (sent < Offered && socket.Poll(TimeSpan.FromSeconds(1), SelectMode.SelectWrite))
        {
            sent += socket.Send(many.AsSpan(sent % Verdict.Length), SocketFlags.None);
        }

        return sent;
    }
}
