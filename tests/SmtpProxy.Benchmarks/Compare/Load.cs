using System.Diagnostics;
using SmtpProxy.Benchmarks.Scale;

namespace SmtpProxy.Benchmarks.Compare;

/// <summary>What clients do all the while.</summary>
/// <param name="Name">What one of it is, as the table says it.</param>
/// <param name="Clients">How many do it beside each other, each on a thread of its own.</param>
/// <param name="Play">Does it at a port until the time is over, and returns how often.</param>
internal sealed record Load(string Name, int Clients, Func<int, Func<bool>, int> Play)
{
    private const int Bulk = 160;

    private static readonly byte[] Kilobyte =
        [.. Enumerable.Repeat("Sixty-two octets of text, and then the two that end a line....\r\n"u8.ToArray(), 16)
            .SelectMany(static l => l)];

    private static readonly byte[] Pipelined =
        [.. "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n"u8, .. Kilobyte, .. ".\r\n"u8];

    private static readonly byte[] Chunk = [.. Enumerable.Repeat(Kilobyte, 64).SelectMany(static l => l)];

    public static readonly Load[] All =
    [
        new("a session of one message, 50 at once", 50, static (port, on) => Repeat(on, () => MailClient.SendOne(port))),
        new("a message of 1 KB on 50 connections", 50, static (port, on) => Connected(port, on, static c => c.Send(Kilobyte))),
        new("the same, all pipelined", 50, static (port, on) => Connected(port, on, static c => c.Say(Pipelined, replies: 4))),
        new("a message of 10 MB on 4 connections", 4, static (port, on) => Connected(port, on, static c => c.Send(Chunk, Bulk))),
    ];

    /// <summary>Plays it for so long. Returns how often it was done to the end.</summary>
    public async Task<int> RunAsync(int port, TimeSpan time)
    {
        var all = Stopwatch.StartNew();
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Factory.StartNew(() => Play(port, () => all.Elapsed < time),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        return (await Task.WhenAll(clients)).Sum();
    }

    private static int Connected(int port, Func<bool> goesOn, Action<MailClient> once)
    {
        using var client = new MailClient(port);
        client.Say("EHLO a\r\n"u8);
        return Repeat(goesOn, () => once(client));
    }

    private static int Repeat(Func<bool> goesOn, Action once)
    {
        var count = 0;
        for (; goesOn(); count++)
        {
            once();
        }

        return count;
    }
}
