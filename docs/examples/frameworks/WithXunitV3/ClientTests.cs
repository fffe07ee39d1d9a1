using System.Net.Mail;
using SmtpProxy.Testing;
using Xunit;

public sealed class ClientTests
{
    [Fact]
    public async Task Client_PutOffAtTheRecipient_MaySendAgain()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        using var later = proxy.Faults.Arm(SmtpFault.At(SmtpPoint.Rcpt).First(1).Reply(451, "4.7.1", "Try again later"));
        using var client = new SmtpClient(proxy.Host, proxy.Port);

        await Assert.ThrowsAsync<SmtpException>(() => client.SendMailAsync("app@client.example", "you@example.org", "Hello", "first"));
        await client.SendMailAsync("app@client.example", "you@example.org", "Hello", "again");

        Assert.Equal(1, later.Strikes);
        Assert.Single(proxy.Messages);
    }

    [Fact]
    public async Task Client_PutOffAtTheSender_MaySendAgain()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        using var later = proxy.Faults.Arm(SmtpFault.At(SmtpPoint.Mail).First(1).Reply(451, "4.7.1", "Try again later"));
        using var client = new SmtpClient(proxy.Host, proxy.Port);

        await Assert.ThrowsAsync<SmtpException>(() => client.SendMailAsync("app@client.example", "you@example.org", "Hello", "first"));
        await client.SendMailAsync("app@client.example", "you@example.org", "Hello", "again");

        Assert.Equal(1, later.Strikes);
        Assert.Single(proxy.Messages);
    }
}
