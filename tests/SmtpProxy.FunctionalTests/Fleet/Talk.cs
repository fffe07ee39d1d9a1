using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>A client's hand on the wire.</summary>
internal sealed class Talk : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly StreamReader _reader;

    public Talk(ProxyProcess proxy)
    {
        _client.Connect(proxy.Listener());
        _reader = new StreamReader(_client.GetStream(), Encoding.Latin1);
    }

    /// <summary>The first reply.</summary>
    public Task<string> GreetingAsync() => ReplyAsync();

    /// <summary>A command, and the last line of its reply; empty when the connection has ended, in whatever way.</summary>
    public async Task<string> AskAsync(string command)
    {
        try
        {
            await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(command + "\r\n"));
            return await ReplyAsync();
        }
        catch (IOException)
        {
            return "";
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _client.Dispose();
    }

    private async Task<string> ReplyAsync()
    {
        while (true)
        {
            var line = await _reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience) ?? "";
            if (line.Length < 4 || line[3] != '-')
            {
                return line;
            }
        }
    }
}
