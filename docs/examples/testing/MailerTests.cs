using System.Net.Mail;
using SmtpProxy.Testing;
using Xunit;

public sealed class MailerTests
{
    [Fact]
    public async Task Mailer_WhenTheRelayPutsItOff_ComesBackAndSendsOnce()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        using var later = proxy.Faults.Arm(SmtpFault.At(SmtpPoint.Rcpt).First(1).Reply(451, "4.7.1", "Try again later"));

        await new Mailer(proxy.Host, proxy.Port).SendAsync("hello");

        var sessions = await proxy.SessionsAsync(2);
        Assert.Equal(SmtpMailEnd.PutOff, sessions[0].Mails[0].Told);
        Assert.Equal(1, later.Strikes);
        Assert.Single(proxy.Messages);
    }

    [Fact]
    public async Task Mailer_BeforeGreylisting_WaitsLongEnough()
    {
        await using var proxy = await SmtpProxyHost.StartAsync();
        // Five minutes are 0.3 seconds.
        proxy.Faults.ArmPreset("greylist", scale: 0.001);

        await new Mailer(proxy.Host, proxy.Port).SendAsync("hello");

        Assert.Single(proxy.Messages);
    }
}

/// <summary>The code under test: it tries again where a refusal is temporary.</summary>
public sealed class Mailer(string host, int port)
{
    public async Task SendAsync(string text)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var client = new SmtpClient(host, port);
                await client.SendMailAsync("app@client.example", "you@example.org", "Hello", text);
                return;
            }
            catch (SmtpException e) when ((int)e.StatusCode is >= 400 and < 500 && tries < 20)
            {
                // A mail server waits minutes before it tries again; a test has no time for that.
                await Task.Delay(100);
            }
        }
    }
}
