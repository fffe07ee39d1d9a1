using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Faults.Soak;

/// <summary>A strict sender: takes nothing for a reply that is not whole, and believes no verdict but a clear one. Sends several messages
/// over one connection, one command after another, pipelined, or by chunks.</summary>
internal sealed class SoakClient(IPEndPoint to, Random random) : IDisposable
{
    private static readonly TimeSpan Patience = ProxyProcess.Patience;
    private TcpClient _tcp = new();
    private Stream _stream = Stream.Null;
    private StreamReader _reader = StreamReader.Null;
    private bool _pipelines;
    private bool _chunks;
    private bool _isSent;

    /// <summary>Sends these, one connection after another if it must.</summary>
    public async Task<List<SoakMail>> SendAsync(IReadOnlyList<int> numbers)
    {
        var mails = new List<SoakMail>();
        var left = new Queue<int>(numbers);
        while (left.Count > 0)
        {
            try
            {
                await ConnectAsync();
                while (left.Count > 0)
                {
                    mails.Add(await MailAsync(left.Peek()));
                    left.Dequeue();
                    if (mails[^1].Verdict == Verdict.Refused && !(await SayAsync("RSET")).StartsWith('2'))
                    {
                        throw new IOException("The session cannot go on.");
                    }
                }

                await SayAsync("QUIT");
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                if (left.Count > 0 && (mails.Count == 0 || mails[^1].Number != left.Peek()))
                {
                    mails.Add(new SoakMail(left.Dequeue(), _isSent ? Verdict.Unknown : Verdict.NotSent, [], 0));
                }
            }
            finally
            {
                Dispose();
            }
        }

        return mails;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _tcp.Dispose();
    }

    private async Task ConnectAsync()
    {
        (_tcp, _isSent) = (new TcpClient { NoDelay = true }, false);
        await _tcp.ConnectAsync(to);
        _stream = _tcp.GetStream();
        _reader = new StreamReader(_stream, Encoding.Latin1);
        Need(await ReplyAsync(), '2');
        var offered = await SayAsync("EHLO soak.example");
        Need(offered, '2');
        _pipelines = offered.Contains("PIPELINING", StringComparison.Ordinal) && random.Next(2) == 0;
        _chunks = offered.Contains("CHUNKING", StringComparison.Ordinal) && random.Next(3) == 0;
    }

    private async Task<SoakMail> MailAsync(int number)
    {
        _isSent = false;
        string[] asked = [.. Enumerable.Range(0, random.Next(1, 4)).Select(n => $"r{n}.{number}@soak.example")];
        string[] commands = [$"MAIL FROM:<{SoakMail.FromOf(number)}>", .. asked.Select(static r => $"RCPT TO:<{r}>")];
        var replies = new List<string>();
        if (_pipelines)
        {
            await WriteAsync(string.Concat(commands.Select(static c => c + "\r\n")));
            foreach (var _ in commands)
            {
                replies.Add(await ReplyAsync());
            }
        }
        else
        {
            foreach (var command in commands)
            {
                replies.Add(await SayAsync(command));
            }
        }

        string[] accepted = [.. asked.Where((_, n) => replies[0].StartsWith('2') && replies[n + 1].StartsWith('2'))];
        var body = $"Subject: {number}\r\n\r\n" + string.Concat(Enumerable.Repeat("twenty octets a line\r\n", random.Next(1, 400)));
        return accepted.Length == 0
            ? new SoakMail(number, Verdict.Refused, accepted, body.Length)
            : new SoakMail(number, await BodyAsync(body), accepted, body.Length);
    }

    /// <summary>Sends the message; only a whole, clear reply to all of it is a verdict.</summary>
    private async Task<Verdict> BodyAsync(string body)
    {
        if (_chunks)
        {
            var half = body.Length / 2;
            await WriteAsync($"BDAT {half}\r\n{body[..half]}");
            if (!(await ReplyAsync()).StartsWith('2'))
            {
                return Verdict.Refused;
            }

            _isSent = true;
            await WriteAsync($"BDAT {body.Length - half} LAST\r\n{body[half..]}");
        }
        else
        {
            if (!(await SayAsync("DATA")).StartsWith('3'))
            {
                return Verdict.Refused;
            }

            await WriteAsync(body);
            _isSent = true;
            await WriteAsync(".\r\n");
        }

        var verdict = await ReplyAsync();
        return verdict.StartsWith('2') ? Verdict.Accepted : Verdict.Refused;
    }

    private async Task<string> SayAsync(string command)
    {
        await WriteAsync(command + "\r\n");
        return await ReplyAsync();
    }

    private Task WriteAsync(string text) => _stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    /// <summary>A whole reply (RFC 5321 4.2.1); 421 ends the session behind it.</summary>
    /// <exception cref="IOException">There is none: the connection ended, or what came is none.</exception>
    private async Task<string> ReplyAsync()
    {
        var reply = new StringBuilder();
        while (true)
        {
            var line = await _reader.ReadLineAsync().WaitAsync(Patience) ?? throw new IOException("The connection ended.");
            if (line.Length is < 4 or > 510 || !line[..3].All(char.IsAsciiDigit) || line[3] is not (' ' or '-')
                || (reply.Length > 0 && reply.ToString(0, 3) != line[..3]))
            {
                throw new IOException("That is no reply.");
            }

            reply.Append(line).Append('\n');
            if (line[3] == ' ')
            {
                return reply.ToString();
            }
        }
    }

    private static void Need(string reply, char severity)
    {
        if (reply[0] != severity)
        {
            throw new IOException("The session is refused.");
        }
    }
}
