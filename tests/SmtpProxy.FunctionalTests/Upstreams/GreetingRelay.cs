using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Upstreams;

/// <summary>A relay that greets, or does not, and answers every command with 250 and its name; 221 to QUIT.</summary>
internal sealed class GreetingRelay : TestRelay
{
    private readonly string? _greeting;
    private readonly string _name;

    /// <param name="name">What it calls itself.</param>
    /// <param name="greeting">Its greeting; null: it closes instead.</param>
    public GreetingRelay(string name, string? greeting)
    {
        (_name, _greeting) = (name, greeting);
        Start();
    }

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    protected override async Task ServeAsync(TcpClient client)
    {
        Connections++;
        if (_greeting is null)
        {
            return;
        }

        var stream = client.GetStream();
        using var lines = new StreamReader(stream, Encoding.Latin1);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(_greeting + "\r\n"));
        while (await lines.ReadLineAsync() is { } line)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(line == "QUIT" ? "221 bye\r\n" : $"250 {_name}\r\n"));
            if (line == "QUIT")
            {
                return;
            }
        }
    }
}
