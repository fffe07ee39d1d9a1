using System.Net.Mail;
using NUnit.Framework;
using SmtpProxy.Testing;

[assembly: Parallelizable(ParallelScope.All)]

public sealed class ClientTests
{
    [Test]
    public async Task Client_PutOffAtTheRecipient_MaySendAgain()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        using var later = proxy.Faults.Arm(SmtpFault.At(SmtpPoint.Rcpt).First(1).Reply(451, "4.7.1", "Try again later"));
        using var client = new SmtpClient(proxy.Host, proxy.Port);

        Assert.ThrowsAsync<SmtpException>(() => client.SendMailAsync("app@client.example", "you@example.org", "Hello", "first"));
        await client.SendMailAsync("app@client.example", "you@example.org", "Hello", "again");

        Assert.That(later.Strikes, Is.EqualTo(1));
        Assert.That(proxy.Messages, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Client_PutOffAtTheSender_MaySendAgain()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        using var later = proxy.Faults.Arm(SmtpFault.At(SmtpPoint.Mail).First(1).Reply(451, "4.7.1", "Try again later"));
        using var client = new SmtpClient(proxy.Host, proxy.Port);

        Assert.ThrowsAsync<SmtpException>(() => client.SendMailAsync("app@client.example", "you@example.org", "Hello", "first"));
        await client.SendMailAsync("app@client.example", "you@example.org", "Hello", "again");

        Assert.That(later.Strikes, Is.EqualTo(1));
        Assert.That(proxy.Messages, Has.Count.EqualTo(1));
    }
}
