using System.Net.Mail;
using SmtpProxy.Testing;

namespace SmtpProxy.FunctionalTests.Testing;

/// <summary>The package for tests, as tests use it: several proxies in one process, side by side.</summary>
public sealed class SmtpProxyHostTests
{
    [Fact]
    public async Task Mail_ThatIsPutOffOnce_IsSeenTwiceAndDeliveredOnce()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        using var fault = proxy.Faults.Arm(SmtpFault.At(SmtpPoint.Rcpt).First(1).Reply(451, "4.7.1", "Try again later"), "later");

        await Assert.ThrowsAnyAsync<SmtpException>(() => SendAsync(proxy));
        await SendAsync(proxy);

        var sessions = await proxy.SessionsAsync(2);
        Assert.Equal([SmtpMailEnd.PutOff, SmtpMailEnd.Accepted], sessions.SelectMany(static s => s.Mails).Select(static m => m.Told));
        Assert.Equal([false, true], sessions.SelectMany(static s => s.Mails).Select(static m => m.IsTaken));
        Assert.Equal(new SmtpStrike("later", "reply", "rcpt", 451, null), Assert.Single(sessions[0].Strikes));
        Assert.Equal(1, fault.Strikes);
        Assert.StartsWith("greeting 220, EHLO 250, MAIL 250, RCPT 451", sessions[0].ToString(), StringComparison.Ordinal);
        var message = Assert.Single(proxy.Messages);
        Assert.Equal(("sender@client.example", "recipient@test.example"), (message.From, Assert.Single(message.Recipients)));
    }

    [Fact]
    public async Task Acknowledgement_ThatIsLost_IsTakenThoughTheClientWasNotTold()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        using (proxy.Faults.Arm(SmtpFault.At(SmtpPoint.EndOfData).LoseAcknowledgement()))
        {
            await Assert.ThrowsAnyAsync<SmtpException>(() => SendAsync(proxy));
        }

        await SendAsync(proxy);
        var sessions = await proxy.SessionsAsync(2);
        Assert.Equal((SmtpMailEnd.Cut, true), (sessions[0].Mails[0].Told, sessions[0].Mails[0].IsTaken));
        Assert.Equal(2, proxy.Messages.Count);
    }

    [Fact]
    public async Task Proxies_SideBySide_ShareNothing()
    {
        var proxies = await Task.WhenAll(Enumerable.Range(0, 3).Select(static _ => SmtpProxyHost.StartAsync()));
        proxies[0].Faults.Arm(SmtpFault.At(SmtpPoint.Mail).Reply(452));
        await Assert.ThrowsAnyAsync<SmtpException>(() => SendAsync(proxies[0]));
        await SendAsync(proxies[1]);
        Assert.Single(await proxies[0].SessionsAsync());
        Assert.Single(await proxies[1].SessionsAsync());
        Assert.Empty(proxies[2].Sessions);
        Assert.Equal([0, 1, 0], proxies.Select(static p => p.Messages.Count));
        foreach (var proxy in proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    [Fact]
    public async Task Faults_HaltedClearedAndWrong_DoAsTheySay()
    {
        await using var proxy = await SmtpProxyHost.StartAsync(static relay => relay.RelayThatIsAway().RelayThatAnswers("").WithSeed(7));
        proxy.Faults.ArmPreset("queue-full", 0.5);
        proxy.Faults.Halt();
        Assert.True(proxy.Faults.AreHalted);
        await SendAsync(proxy);
        proxy.Faults.Resume();
        await Assert.ThrowsAnyAsync<SmtpException>(() => SendAsync(proxy));
        proxy.Faults.Clear();
        await SendAsync(proxy);
        Assert.Equal(2, proxy.Messages.Count);

        var wrong = Assert.Throws<ArgumentException>(() => proxy.Faults.Arm(SmtpFault.At(SmtpPoint.Rcpt).Reply(250)));
        Assert.Contains("use a code from 400 on", wrong.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => proxy.Faults.ArmPreset("grey"));
        var few = await Assert.ThrowsAsync<TimeoutException>(() => proxy.SessionsAsync(99, TimeSpan.FromMilliseconds(10)));
        Assert.Contains(" of 99 sessions have ended", few.Message, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            SmtpProxyHost.StartAsync(static relay => relay.With("SmtpProxy:Limits:Comand", "1")));
        Assert.Contains("SmtpProxy:Limits:Comand", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_OfTests_AreToldAsSuch()
    {
        var answers = await Assert.ThrowsAsync<ArgumentException>(() =>
            SmtpProxyHost.StartAsync(static relay => relay.RelayThatAnswers("delay-3-dots")));
        Assert.Contains("\"delay-3-dots\" is not a list of answers", answers.Message, StringComparison.Ordinal);
        var proxy = await SmtpProxyHost.StartAsync();
        await proxy.DisposeAsync();
        await proxy.DisposeAsync();
        Assert.Equal(typeof(SmtpProxyHost).FullName, Assert.Throws<ObjectDisposedException>(() => proxy.Faults).ObjectName);
        var ended = await Assert.ThrowsAsync<ObjectDisposedException>(() => proxy.SessionsAsync());
        Assert.Equal(typeof(SmtpProxyHost).FullName, ended.ObjectName);
    }

    [Fact]
    public async Task Relay_OfSomebodyElse_GetsTheMail()
    {
        await using var behind = await SmtpProxyHost.StartAsync();
        await using var proxy = await SmtpProxyHost.StartAsync(relay => relay.ForwardTo(behind.Host, behind.Port));
        await SendAsync(proxy);
        Assert.Empty(proxy.Messages);
        Assert.Single(behind.Messages);
        Assert.True(Assert.Single(await proxy.SessionsAsync()).Mails[0].IsTaken);
    }

    private static async Task SendAsync(SmtpProxyHost proxy)
    {
        using var client = new SmtpClient(proxy.Host, proxy.Port);
        await client.SendMailAsync("sender@client.example", "recipient@test.example", "hello", "hello");
    }
}
