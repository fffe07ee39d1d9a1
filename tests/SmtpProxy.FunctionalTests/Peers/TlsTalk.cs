using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers;

/// <summary>A dialogue by hand, as somebody does who looks what is wrong: <c>openssl s_client</c>, or a plain connection.</summary>
internal sealed class TlsTalk : IAsyncDisposable
{
    private readonly Process? _process;
    private readonly TcpClient? _connection;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private TlsTalk(Process? process, TcpClient? connection, Stream read, Stream write)
    {
        (_process, _connection) = (process, connection);
        _reader = new StreamReader(read, Encoding.Latin1);
        _writer = new StreamWriter(write, Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
    }

    /// <summary>Begins one.</summary>
    /// <param name="to">Where.</param>
    /// <param name="how"><c>plain</c>, <c>starttls</c> or <c>implicit</c>.</param>
    /// <param name="options">More for openssl.</param>
    public static async Task<TlsTalk> OpenAsync(IPEndPoint to, string how, params string[] options)
    {
        TlsTalk talk;
        if (how == "plain")
        {
            var connection = new TcpClient();
            await connection.ConnectAsync(to);
            talk = new TlsTalk(null, connection, connection.GetStream(), connection.GetStream());
        }
        else
        {
            string[] starttls = how == "starttls" ? ["-starttls", "smtp"] : [];
            var process = Process.Start(new ProcessStartInfo(PeerTool.Require("openssl"),
                ["s_client", "-connect", $"{to}", .. starttls, "-quiet", "-ign_eof", .. options])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            talk = new TlsTalk(process, null, process.StandardOutput.BaseStream, process.StandardInput.BaseStream);
        }

        // Behind STARTTLS the next word is the client's.
        if (how != "starttls")
        {
            Assert.StartsWith("220 ", await talk._reader.ReadLineAsync(), StringComparison.Ordinal);
        }

        return talk;
    }

    /// <summary>Says a line and answers the reply, which must begin like this.</summary>
    public async Task<string> SayAsync(string line, string expected)
    {
        await _writer.WriteLineAsync(line);
        var reply = new StringBuilder();
        string? part;
        do
        {
            part = await _reader.ReadLineAsync();
            reply.AppendLine(part);
        }
        while (part is { Length: > 3 } && part[3] == '-');
        Assert.StartsWith(expected, reply.ToString(), StringComparison.Ordinal);
        return reply.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _connection?.Dispose();
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
