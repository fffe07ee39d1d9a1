using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.Endurance;

/// <summary>A relay that counts: how often it accepted which message, and whether its octets were right. It refuses some, by
/// their number.</summary>
internal sealed class CountingRelay : IDisposable
{
    private static readonly byte[] Greeting = "220 counting ESMTP\r\n"u8.ToArray();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private long _accepted;
    private long _wrong;

    public CountingRelay()
    {
        _listener.Start(4096);
        _ = AcceptAsync();
    }

    /// <summary>As a destination's address.</summary>
    public string Address => $"smtp://{_listener.LocalEndpoint}";

    /// <summary>Messages that it took responsibility for, whether or not anybody heard that.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Messages whose octets were not what their number says.</summary>
    public long Wrong => Interlocked.Read(ref _wrong);

    /// <summary>Copies of each message.</summary>
    public ConcurrentDictionary<long, int> Copies { get; } = [];

    /// <summary>How a message is answered: at RCPT, at its end, or well.</summary>
    public static int Refusal(long number) => number % 41 == 40 ? 550 : number % 37 == 36 ? 451 : 0;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                // On a thread of its own: one that never has to wait must not keep others from being accepted.
                _ = Task.Run(() => ServeAsync(socket));
            }
        }
        catch (Exception e) when (Lines.IsEnd(e))
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var lines = new Lines(stream);
            await stream.WriteAsync(Greeting, _stop.Token).ConfigureAwait(false);
            var (mail, answers) = ((Mail?)null, new StringBuilder());
            while (await lines.ReadAsync(_stop.Token).ConfigureAwait(false) is { } line)
            {
                var verb = line.Split(' ')[0].ToUpperInvariant();
                mail = verb == "MAIL" ? Mail.In(line) : mail;
                var answer = verb switch
                {
                    "EHLO" => "250-counting\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 100000000\r\n",
                    "HELO" or "MAIL" or "RSET" or "NOOP" => "250 2.0.0 fine\r\n",
                    "RCPT" => Refusal(mail?.Number ?? 0) == 550 ? "550 5.1.1 nobody\r\n" : "250 2.1.5 fine\r\n",
                    "DATA" => "354 go on\r\n",
                    "QUIT" => "221 2.0.0 bye\r\n",
                    _ => "500 5.5.1 what?\r\n",
                };
                answers.Append(answer);
                if (verb is "DATA" or "QUIT" || !lines.HasMore || answers.Length > 32 * 1024)
                {
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(answers.ToString()), _stop.Token).ConfigureAwait(false);
                    answers.Clear();
                }

                if (verb == "DATA")
                {
                    await stream.WriteAsync(await TakeAsync(lines, mail).ConfigureAwait(false), _stop.Token).ConfigureAwait(false);
                    mail = null;
                }

                if (verb == "QUIT")
                {
                    return;
                }
            }
        }
        catch (Exception e) when (Lines.IsEnd(e))
        {
            // The proxy left.
        }
    }

    private async Task<byte[]> TakeAsync(Lines lines, Mail? mail)
    {
        var body = new StringBuilder();
        while (await lines.ReadAsync(_stop.Token).ConfigureAwait(false) is { } line)
        {
            if (line == ".")
            {
                if (Refusal(mail?.Number ?? 0) == 451)
                {
                    return "451 4.3.0 later\r\n"u8.ToArray();
                }

                Interlocked.Increment(ref _accepted);
                Copies.AddOrUpdate(mail?.Number ?? -1, 1, static (_, copies) => copies + 1);
                var hash = 0UL;
                _ = mail?.Body(out hash);
                if (mail is not null && hash != Mail.Hash(Encoding.Latin1.GetBytes(body.ToString())))
                {
                    Interlocked.Increment(ref _wrong);
                }

                return "250 2.0.0 taken\r\n"u8.ToArray();
            }

            body.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        throw new IOException("The message did not end.");
    }
}
