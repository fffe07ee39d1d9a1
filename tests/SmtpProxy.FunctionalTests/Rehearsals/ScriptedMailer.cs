using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.Rehearsals;

namespace SmtpProxy.FunctionalTests.Rehearsals;

/// <summary>A client that sends as it is told to: right, or wrong in one way.</summary>
/// <param name="server">Where to.</param>
/// <param name="manner">How.</param>
internal sealed class ScriptedMailer(IPEndPoint server, Manner manner) : IRehearsedClient
{
    private int _ids;

    public string Output => "";

    public async Task<int> RunAsync(string phase, CancellationToken cancel)
    {
        var idle = new List<TcpClient>();
        using var connection = new Connection();
        try
        {
            for (var n = 0; n < manner.Idle; n++)
            {
                idle.Add(new TcpClient());
                await idle[^1].ConnectAsync(server, cancel);
            }

            var failed = 0;
            for (var n = 0; n < manner.Messages; n++)
            {
                failed += await SendAsync(connection, n, phase, cancel) ? 0 : 1;
                await WaitAsync(manner.ThinkMs, cancel);
            }

            await connection.QuitAsync(cancel);
            return failed;
        }
        finally
        {
            idle.ForEach(static c => c.Dispose());
        }
    }

    /// <summary>A pause that ends with the rehearsal.</summary>
    private static async Task WaitAsync(int milliseconds, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began).TotalMilliseconds < milliseconds;)
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private async Task<bool> SendAsync(Connection connection, int message, string phase, CancellationToken cancel)
    {
        var id = NewId(phase);
        for (var n = 1; n <= manner.Tries; n++)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                var (isSent, isFinal) = await TryAsync(connection, message, manner.NewMessageId ? NewId(phase) : id, limit);
                if (isSent || isFinal)
                {
                    return isSent;
                }
            }
            catch (Exception e) when ((e is IOException or SocketException or FormatException or OperationCanceledException
                or System.Security.Authentication.AuthenticationException) && !cancel.IsCancellationRequested)
            {
                connection.Dispose();
            }

            if (n < manner.Tries)
            {
                await WaitAsync(manner.PauseMs, cancel);
            }
        }

        return false;
    }

    private string NewId(string phase) => string.Create(CultureInfo.InvariantCulture, $"<{phase}-{_ids++}@client.example>");

    private async Task<(bool IsSent, bool IsFinal)> TryAsync(Connection connection, int message, string id, CancellationTokenSource limit)
    {
        if (!connection.IsOpen && !await OpenAsync(connection, limit))
        {
            return (false, false);
        }

        if (await SayAsync(connection, $"MAIL FROM:<sender-{message}@client.example>", limit) is var mail and >= 400)
        {
            return (false, mail >= 500);
        }

        var refused = 0;
        for (var n = 0; n < manner.Recipients; n++)
        {
            var code = await SayAsync(connection, $"RCPT TO:<rcpt-{message}-{n}@example.org>", limit);
            if (code is >= 400 and < 500)
            {
                await connection.QuitAsync(limit.Token);
                return (false, false);
            }

            refused += code >= 500 ? 1 : 0;
        }

        if (refused == manner.Recipients || await SayAsync(connection, "DATA", limit) != 354)
        {
            await connection.QuitAsync(limit.Token);
            return (false, refused > 0);
        }

        var text = $"Message-ID: {id}\r\nSubject: rehearsed\r\n\r\n{new string('x', 70)}\r\n";
        while (text.Length < manner.Octets)
        {
            text += $"{new string('y', 76)}\r\n";
        }

        var end = await SayAsync(connection, text + ".", limit, manner.EndPatienceMs);
        return (end < 300 && !(refused > 0 && manner.RepeatsRefused), end >= 500);
    }

    private async Task<bool> OpenAsync(Connection connection, CancellationTokenSource limit)
    {
        limit.CancelAfter(manner.PatienceMs);
        await connection.OpenAsync(server, limit.Token);
        if (await connection.ReplyAsync(limit.Token) >= 400 || await SayAsync(connection, "EHLO client.example", limit) >= 400)
        {
            await connection.QuitAsync(limit.Token);
            return false;
        }

        if (manner.Tls != "no")
        {
            if (connection.Offers("STARTTLS") && await SayAsync(connection, "STARTTLS", limit) == 220)
            {
                await connection.SecureAsync(manner.Trusts, limit.Token);
                await SayAsync(connection, "EHLO client.example", limit);
            }
            else if (manner.Tls == "must")
            {
                await connection.QuitAsync(limit.Token);
                return false;
            }
        }

        return true;
    }

    private async Task<int> SayAsync(Connection connection, string line, CancellationTokenSource limit, int? patienceMs = null)
    {
        limit.CancelAfter(patienceMs ?? manner.PatienceMs);
        await connection.SayAsync(line, limit.Token);
        return await connection.ReplyAsync(limit.Token);
    }

    /// <summary>One connection at a time.</summary>
    private sealed class Connection : IDisposable
    {
        private TcpClient? _client;
        private Stream? _stream;
        private string _reply = "";

        public bool IsOpen => _stream is not null;

        public async Task OpenAsync(IPEndPoint server, CancellationToken cancel)
        {
            _client = new TcpClient { NoDelay = true };
            await _client.ConnectAsync(server, cancel);
            _stream = _client.GetStream();
        }

        public bool Offers(string extension) => _reply.Contains($"{extension}\n", StringComparison.Ordinal);

        public Task SayAsync(string line, CancellationToken cancel) =>
            _stream!.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancel).AsTask();

        /// <summary>The code of a reply that is whole and as it should be.</summary>
        public async Task<int> ReplyAsync(CancellationToken cancel)
        {
            for (_reply = ""; ;)
            {
                var line = await LineAsync(cancel);
                if (line.Length < 4 || !int.TryParse(line[..3], NumberStyles.None, CultureInfo.InvariantCulture, out var code)
                    || line[3] is not (' ' or '-'))
                {
                    throw new FormatException(line);
                }

                _reply += line[4..] + "\n";
                if (line[3] == ' ')
                {
                    return code;
                }
            }
        }

        public async Task SecureAsync(bool trusts, CancellationToken cancel)
        {
            var secured = new SslStream(_stream!, leaveInnerStreamOpen: false, (_, shown, _, _) => trusts
                || (shown is not null && DateTime.Parse(shown.GetExpirationDateString(), CultureInfo.CurrentCulture) > DateTime.Now));
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, cancel);
            _stream = secured;
        }

        public async Task QuitAsync(CancellationToken cancel)
        {
            try
            {
                if (IsOpen)
                {
                    await SayAsync("QUIT", cancel);
                    await ReplyAsync(cancel);
                }
            }
            catch (Exception e) when (e is IOException or FormatException)
            {
                // It has gone already.
            }
            finally
            {
                Dispose();
            }
        }

        public void Dispose()
        {
            _stream?.Dispose();
            _client?.Dispose();
            (_stream, _client) = (null, null);
        }

        private async Task<string> LineAsync(CancellationToken cancel)
        {
            var (line, octet) = (new StringBuilder(), new byte[1]);
            while (true)
            {
                if (await _stream!.ReadAsync(octet, cancel) == 0)
                {
                    throw new IOException("the server closed the connection");
                }

                if (octet[0] == '\n')
                {
                    return line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : throw new FormatException("bare LF");
                }

                line.Append((char)octet[0]);
            }
        }
    }
}
