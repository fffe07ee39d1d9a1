using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Page;

/// <summary>The page in Chromium as in <see cref="LivePageTests"/>, where something is wrong and nothing goes on.</summary>
public sealed class DeadRelayPageTests
{
    private const string Token = "0123456789abcdef0123";

    /// <summary>With a token, with a relay that is dead, and with nothing going on: then every number can be
    /// held against the others.</summary>
    [SkippableFact]
    public async Task Page_BesideADeadRelay_SaysSo_AndItsNumbersAreThoseOfTheApi()
    {
        var browse = LivePageTests.Browse("dead");
        await using var proxy = await ProxyProcess.StartAsync(
            "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0", "--SmtpProxy:Listeners:inbound:Cluster=relays",
            "--SmtpProxy:Listeners:lost:Address=127.0.0.1:0", "--SmtpProxy:Listeners:lost:Cluster=gone",
            $"--ReverseProxy:Clusters:gone:Destinations:mx9:Address=smtp://127.0.0.1:{FreePort.Next()}",
            $"--SmtpProxy:Admin:BearerToken={Token}");
        for (var n = 0; n < 4; n++)
        {
            var (taken, _) = await MailClient.ConnectAsync(proxy.Listener());
            await taken.SayAsync("EHLO client.example");
            Assert.StartsWith("250 ", await taken.MailAsync(), StringComparison.Ordinal);
            taken.Dispose();
            var (lost, greeting) = await MailClient.ConnectAsync(proxy.Listener("lost"));
            Assert.StartsWith("421 ", greeting, StringComparison.Ordinal);
            lost.Dispose();
        }

        await proxy.JournalAsync(8);
        await browse(proxy.Admin, [Token]);
    }
}
