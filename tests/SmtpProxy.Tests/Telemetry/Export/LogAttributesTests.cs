using SmtpProxy.Telemetry.Export;

namespace SmtpProxy.Tests.Telemetry.Export;

public sealed class LogAttributesTests
{
    [Theory]
    [InlineData("Listener", "smtpproxy.listener")]
    [InlineData("Relay", "smtpproxy.destination")]
    [InlineData("Session", "smtpproxy.session")]
    [InlineData("HowMany", "smtpproxy.log.how_many")]
    [InlineData("{OriginalFormat}", "{OriginalFormat}")]
    [InlineData("exception.type", "exception.type")]
    [InlineData("", "")]
    public void NameOf_APlaceholder_IsTheConventionalOne(string placeholder, string name) =>
        Assert.Equal(name, LogAttributes.NameOf(placeholder));
}
