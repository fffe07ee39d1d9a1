using System.Net.Mail;
using SmtpProxy.Testcontainers;
using Xunit;

public sealed class ContainerTests
{
    /// <summary>Needs an engine and the image: <c>docker build -t smtpproxy:0.1.0 .</c></summary>
    [Fact]
    public async Task Mail_ThatIsPutOff_IsSeenByTheProxy()
    {
        await using var proxy = new SmtpProxyBuilder("smtpproxy:0.1.0").Build();
        await proxy.StartAsync();
        await proxy.ArmAsync("later", """{"at":"rcpt","occurrence":{"first":1},"action":{"type":"reply","code":451}}""");

        using (var client = new SmtpClient(proxy.SmtpHost, proxy.SmtpPort))
        {
            await Assert.ThrowsAnyAsync<SmtpException>(() => SendAsync(client));
            await SendAsync(client);
        }

        using var sessions = await proxy.SessionsAsync();
        Assert.True(sessions.RootElement.GetProperty("sessions").GetArrayLength() > 0);
    }

    private static Task SendAsync(SmtpClient client) =>
        client.SendMailAsync("app@client.example", "you@example.org", "Hello", "hello");
}
