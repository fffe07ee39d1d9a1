using System.Net;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.Rehearsals;

namespace SmtpProxy.FunctionalTests.Rehearsals.Judged;

/// <summary>A mail server that is given a message, and sends it by itself: done when its log says that it is rid of it.</summary>
/// <param name="server">Postfix or Exim.</param>
/// <param name="domain">Where its mail goes.</param>
/// <param name="octets">Size of the message.</param>
internal sealed partial class QueueingClient(MailServer server, string domain, int octets) : IRehearsedClient
{
    public string Output => string.Join('\n', server.Log.Split('\n').Where(line => line.Contains(domain, StringComparison.Ordinal)));

    public async Task<int> RunAsync(string phase, CancellationToken cancel)
    {
        await QueueAsync();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!Output.Split('\n').Any(Sent().IsMatch))
        {
            await pause.WaitForNextTickAsync(cancel);
        }

        return 0;
    }

    private async Task QueueAsync()
    {
        var (client, _) = await MailClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port));
        using (client)
        {
            await client.SayAsync("EHLO app.example");
            await client.SayAsync("MAIL FROM:<app@sender.example>");
            await client.SayAsync($"RCPT TO:<user@{domain}>");
            await client.SayAsync("DATA");
            var lines = string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", Math.Max(1, octets / 80)));
            Assert.StartsWith("250", await client.SayAsync($"Subject: rehearsed\r\n\r\n{lines}."), StringComparison.Ordinal);
            await client.SayAsync("QUIT");
        }
    }

    /// <summary>Postfix: status=sent. Exim: an arrow to the right.</summary>
    [GeneratedRegex(" status=sent | => ")]
    private static partial Regex Sent();
}
