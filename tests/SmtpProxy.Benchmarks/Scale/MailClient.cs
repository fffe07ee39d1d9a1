using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Benchmarks.Scale;

/// <summary>A client that waits for each reply, on a thread of its own.</summary>
internal sealed class MailClient : IDisposable
{
    private static readonly byte[] Lines =
        [.. Enumerable.Repeat("The quick brown fox jumps over the lazy dog, again and again.\r\n"u8.ToArray(), 1000)
        .SelectMany(static l => l)];

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        { NoDelay = true, ReceiveTimeout = 30_000 };
    private readonly byte[] _reply = new byte[256];

    /// <summary>Connects, and reads the greeting.</summary>
    public MailClient(int port)
    {
        try
        {
            _socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
            Say([]);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends commands, and reads as many replies of a line each.</summary>
    public void Say(ReadOnlySpan<byte> commands, int replies = 1)
    {
        _socket.Send(commands);
        for (var left = replies; left > 0;)
        {
            left -= Read();
        }
    }

    /// <summary>A session of one small message.</summary>
    public static void SendOne(int port)
    {
        using var client = new MailClient(port);
        client.Say("EHLO a\r\n"u8);
        client.Send("Subject: x\r\n\r\nhello\r\n"u8);
        client.Say("QUIT\r\n"u8);
    }

    /// <summary>One message after another, of 6 MB each, until it is told to end.</summary>
    public static void SendMuch(int port, CancellationToken end)
    {
        using var client = new MailClient(port);
        client.Say("EHLO a\r\n"u8);
        while (!end.IsCancellationRequested)
        {
            client.Send(Lines, 100);
        }
    }

    /// <summary>One message, whose text is this many times over, with a wait for each reply.</summary>
    public void Send(ReadOnlySpan<byte> lines, int times = 1)
    {
        Say("MAIL FROM:<a@example.org>\r\n"u8);
        Say("RCPT TO:<b@example.net>\r\n"u8);
        Say("DATA\r\n"u8);
        for (var n = 0; n < times; n++)
        {
            _socket.Send(lines);
        }

        Say(".\r\n"u8);
    }

    /// <summary>Says NOOP every other millisecond for so long. Returns how long the replies took, in microseconds, sorted.</summary>
    public static double[] Chat(int port, TimeSpan time)
    {
        using var client = new MailClient(port);
        client.Say("EHLO a\r\n"u8);
        var (took, all) = (new List<double>(), Stopwatch.StartNew());
        while (all.Elapsed < time)
        {
            var began = Stopwatch.GetTimestamp();
            client.Say("NOOP\r\n"u8);
            took.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            Thread.Sleep(1);
        }

        took.Sort();
        return [.. took];
    }

    /// <summary>Leaves by RST: it does not keep a port.</summary>
    public void Dispose()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>Returns how many lines ended in it.</summary>
    private int Read()
    {
        var count = _socket.Receive(_reply);
        return count > 0 ? _reply.AsSpan(0, count).Count((byte)'\n') : throw new IOException("the connection ended");
    }
}
