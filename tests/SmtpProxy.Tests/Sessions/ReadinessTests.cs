using SmtpProxy.Sessions;

namespace SmtpProxy.Tests.Sessions;

public sealed class ReadinessTests
{
    [Fact]
    public void Reason_FromStartToEnd_SaysWhyItIsNotReady()
    {
        var readiness = new Readiness();
        Assert.Equal("starting", readiness.Reason);
        Assert.Empty(readiness.Listeners);
        readiness.Listening("a");
        readiness.Listening("b");
        Assert.Equal(["a", "b"], readiness.Listeners);
        readiness.Ready();
        Assert.Null(readiness.Reason);
        readiness.Stopping();
        Assert.Equal("stopping", readiness.Reason);
    }
}
