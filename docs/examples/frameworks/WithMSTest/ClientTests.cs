using System.Net.Mail;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using SmtpProxy.Testing;

[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]

[TestClass]
public sealed class ClientTests
{
    [TestMethod]
    public async Task Client_PutOffAtTheRecipient_MaySendAgain()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        using var later = proxy.Faults.Arm(SmtpFault.At(SmtpPoint.Rcpt).First(1).Reply(451, "4.7.1", "Try again later"));
        using var client = new SmtpClient(proxy.Host, proxy.Port);

        await Assert.ThrowsExactlyAsync<SmtpException>(() =>
            client.SendMailAsync("app@client.example", "you@example.org", "Hello", "first"));
        await client.SendMailAsync("app@client.example", "you@example.org", "Hello", "again");

        Assert.AreEqual(1, later.Strikes);
        Assert.AreEqual(1, proxy.Messages.Count);
    }

    [TestMethod]
    public async Task Client_PutOffAtTheSender_MaySendAgain()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        using var later = proxy.Faults.Arm(SmtpFault.At(SmtpPoint.Mail).First(1).Reply(451, "4.7.1", "Try again later"));
        using var client = new SmtpClient(proxy.Host, proxy.Port);

        await Assert.ThrowsExactlyAsync<SmtpException>(() =>
            client.SendMailAsync("app@client.example", "you@example.org", "Hello", "first"));
        await client.SendMailAsync("app@client.example", "you@example.org", "Hello", "again");

        Assert.AreEqual(1, later.Strikes);
        Assert.AreEqual(1, proxy.Messages.Count);
    }
}
