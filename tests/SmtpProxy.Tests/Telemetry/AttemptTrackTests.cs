using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>What became of attempts on which no verdict was given: the part of an outage that transactions do not show.</summary>
public sealed class AttemptTrackTests : IDisposable
{
    private readonly Conversation _talk = new(journal: false);

    public void Dispose() => _talk.Dispose();

    [Fact]
    public void NoRelayReached_IsUnserved()
    {
        _talk.Accept();
        _talk.Session.Dialling("mx1", Conversation.Ticks(1));
        _talk.Session.Dialled(new DialNote(new DialResult(DialOutcome.Refused, null, null, null)), Conversation.Ticks(2));
        _talk.Over(SessionOutcome.ConnectFailed);
        Assert.Equal(["connect_failed"], Unserved());
    }

    [Theory]
    [InlineData("every relay of cluster 'relays' was taken out of service", "drained")]
    [InlineData("no relay in cluster 'relays' is available", "connect_failed")]
    public void NoRelayToChoose_SaysWhetherAnOperatorTookThemOut(string why, string cause)
    {
        _talk.Accept().Proxies("421 4.3.2 Service not available: " + why).Over(SessionOutcome.ConnectFailed);
        Assert.Equal([cause], Unserved());
    }

    [Theory]
    [InlineData("MAIL FROM:<a@example.org>", "451 4.3.0 later")]
    [InlineData("EHLO client", "421 4.3.2 closing")]
    [InlineData("AUTH PLAIN x", "454 4.7.0 later")]
    public void Relay_RefusesForNowBeforeATransaction_IsDeferred(string command, string reply)
    {
        _talk.Greet().Ask(command, reply).Ask("QUIT", "221 bye").Over();
        Assert.Equal(["deferred"], Unserved());
    }

    [Fact]
    public void Relay_RefusesEachMailForNow_EachIsAnAttempt()
    {
        _talk.Greet().Ask("MAIL FROM:<a@example.org>", "451 no").Ask("MAIL FROM:<b@example.org>", "451 no").Ask("QUIT", "221 bye").Over();
        Assert.Equal(2, _talk.Metrics.Sum("smtpproxy.unserved", "smtpproxy.cause=deferred"));
    }

    [Fact]
    public void Relay_RefusesALoginThatThenSucceeds_IsServed()
    {
        _talk.Greet().Ask("AUTH PLAIN x", "454 later").Ask("AUTH PLAIN x", "235 ok").Deliver().Ask("QUIT", "221 bye").Over();
        Assert.Empty(Unserved());
    }

    [Theory]
    [InlineData(SessionOutcome.RelayGone, "relay_gone")]
    [InlineData(SessionOutcome.Timeout, "relay_silent")]
    public void Relay_OwesAReplyAndTheSessionEnds_IsUnserved(SessionOutcome outcome, string cause)
    {
        _talk.Greet().Wait(1).Client("EHLO client").Wait(10).Over(outcome);
        Assert.Equal([cause], Unserved());
    }

    [Theory]
    [InlineData(5000, "gave_up")]
    [InlineData(500, null)]
    public void Client_LeavesWithoutTheReply_HadWaitedOrJustLeft(double milliseconds, string? cause)
    {
        _talk.Greet().Wait(1).Client("EHLO client").Wait(milliseconds).Over(SessionOutcome.ClientGone);
        Assert.Equal(cause is null ? [] : [cause], Unserved());
    }

    [Fact]
    public void Client_SaysNothingOrIsRefusedForGood_IsNoOutage()
    {
        _talk.Greet().Wait(1).Over(SessionOutcome.ClientGone);
        _talk.Begin();
        _talk.Greet().Ask("QUIT", "221 bye").Over();
        _talk.Begin();
        _talk.Greet().Ask("AUTH PLAIN x", "535 no").Wait(1).Client("AUTH PLAIN x").Wait(1).Over(SessionOutcome.RelayGone);
        Assert.Empty(Unserved());
    }

    [Theory]
    [InlineData(SessionOutcome.RelayGone, 1, "relay_gone")]
    [InlineData(SessionOutcome.ClientGone, 1, "client_gone")]
    [InlineData(SessionOutcome.ClientGone, 60_000, "gave_up")]
    [InlineData(SessionOutcome.Timeout, 60_000, "relay_silent")]
    [InlineData(SessionOutcome.Shutdown, 1, "shutdown")]
    public void Transaction_Aborted_SaysWhy(SessionOutcome outcome, double waited, string cause)
    {
        _talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go")
            .Wait(1).Client("hi", ".").Wait(waited).Over(outcome);
        var aborted = _talk.Metrics.Single("smtpproxy.transactions.aborted");
        Assert.Equal((1, true), (aborted.Value, aborted.Has("smtpproxy.cause=" + cause, "smtpproxy.destination=mx1")));
        Assert.Empty(Unserved());
    }

    private string[] Unserved() =>
        [.. _talk.Metrics["smtpproxy.unserved"]
            .Select(static s => s.Attributes.First(static a =>
                a.StartsWith("smtpproxy.cause=", StringComparison.Ordinal))["smtpproxy.cause=".Length..])];
}
