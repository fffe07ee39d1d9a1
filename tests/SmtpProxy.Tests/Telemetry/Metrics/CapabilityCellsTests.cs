namespace SmtpProxy.Tests.Telemetry.Metrics;

public sealed class CapabilityCellsTests
{
    [Fact]
    public void Capabilities_OfTheLastEhlo_AreShown_AndThoseThatAreGone()
    {
        using var talk = new Conversation();
        talk.Greet();
        Assert.Equal(1, talk.Metrics.Single("smtpproxy.capability.present", "smtp.keyword=PIPELINING", "smtpproxy.cluster=relays", "smtpproxy.destination=mx1").Value);
        Assert.Equal(0, talk.Metrics.Single("smtpproxy.capability.present", "smtp.keyword=STARTTLS").Value);
        Assert.Equal(2, talk.Metrics.Sum("smtpproxy.capability.present"));
        talk.Ask("EHLO again", "250-mx", "250-STARTTLS", "250-X-OWN", "250 AUTH=LOGIN PLAIN").Ask("EHLO once more", "501 no");
        Assert.Equal(0, talk.Metrics.Single("smtpproxy.capability.present", "smtp.keyword=PIPELINING").Value);
        Assert.Equal(1, talk.Metrics.Single("smtpproxy.capability.present", "smtp.keyword=AUTH").Value);
        Assert.Equal(2, talk.Metrics.Sum("smtpproxy.capability.present"));
    }
}
