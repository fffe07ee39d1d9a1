using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry;

public sealed class SessionMetricsTests : IDisposable
{
    private const string Replies = "smtpproxy.replies";
    private readonly Conversation _talk = new(journal: false);

    public void Dispose() => _talk.Dispose();

    [Fact]
    public void Replies_OneMessage_EachIsCountedOnce()
    {
        _talk.Greet().Deliver().Ask("QUIT", "221 2.0.0 Bye").Over();
        Assert.Equal(
            ["greeting 220", "ehlo 250", "mail 250", "rcpt 250", "data 354", "end_of_data 250", "quit 221"],
            _talk.Metrics[Replies].Select(s => $"{Value(s, 0)} {Value(s, 1)}"));
        Assert.All(_talk.Metrics[Replies], s => Assert.Equal(1, s.Value));
        Assert.All(_talk.Metrics[Replies], s => Assert.Equal(
            ["smtpproxy.origin=relay", "smtpproxy.listener=inbound", "smtpproxy.cluster=relays", "smtpproxy.destination=mx1"],
            s.Attributes.Skip(2)));
    }

    [Fact]
    public void Replies_TheSameAgain_AddsToTheSeries()
    {
        _talk.Greet().Deliver().Deliver().Over();
        _talk.Begin();
        _talk.Greet().Deliver().Over();
        Assert.Equal(3, _talk.Metrics.Single(Replies, "smtp.operation.name=mail").Value);
    }

    [Theory]
    [InlineData("199")]
    [InlineData("600")]
    [InlineData("999")]
    [InlineData("101")]
    public void Replies_CodeOutOfRange_IsOther(string code)
    {
        _talk.Greet().Ask("NOOP", code + " odd").Over();
        Assert.Equal(1, _talk.Metrics.Sum(Replies, "smtp.operation.name=noop", "smtp.response.status_code=other"));
    }

    [Fact]
    public void Replies_Challenges_AreCounted()
    {
        _talk.Greet().Ask("AUTH LOGIN", "334 VXNlcm5hbWU6").Ask("dGVzdA==", "334 UGFzc3dvcmQ6").Ask("dGVzdA==", "535 5.7.8 no").Over();
        Assert.Equal(2, _talk.Metrics.Sum(Replies, "smtp.operation.name=auth", "smtp.response.status_code=334"));
        Assert.Equal(1, _talk.Metrics.Sum(Replies, "smtp.operation.name=auth", "smtp.response.status_code=535"));
    }

    [Fact]
    public void Replies_NobodyAsked_AreCountedAsOther()
    {
        _talk.Greet().Wait(1).Relay("421 4.3.2 shutting down").Over(SessionOutcome.RelayGone);
        Assert.Equal(1, _talk.Metrics.Sum(Replies, "smtp.operation.name=other", "smtp.response.status_code=421"));
    }

    [Fact]
    public void Replies_NoRelayWasPicked_HaveNoDestination()
    {
        _talk.Accept().Proxies("421 4.3.2 no relay").Over(SessionOutcome.ConnectFailed);
        Assert.Contains("smtpproxy.destination=none",
            _talk.Metrics.Single(Replies, "smtpproxy.origin=proxy", "smtp.operation.name=greeting").Attributes);
    }

    [Fact]
    public void Enhanced_Replies_AreCountedByCode()
    {
        _talk.Greet().Deliver().Over();
        Assert.Equal(
            [
                "smtp.operation.name=mail smtp.response.enhanced_status_code=2.1.0 smtpproxy.cluster=relays smtpproxy.destination=mx1",
                "smtp.operation.name=rcpt smtp.response.enhanced_status_code=2.1.5 smtpproxy.cluster=relays smtpproxy.destination=mx1",
                "smtp.operation.name=end_of_data smtp.response.enhanced_status_code=2.0.0 smtpproxy.cluster=relays " +
                    "smtpproxy.destination=mx1",
            ],
            _talk.Metrics["smtpproxy.replies.enhanced"].Select(s => string.Join(' ', s.Attributes)));
    }

    [Fact]
    public void Enhanced_TooManyCodes_TheRestIsOther()
    {
        _talk.Greet();
        for (var i = 0; i < 600; i++)
        {
            _talk.Ask("NOOP", $"250 2.1.{i} ok");
        }

        _talk.Over();
        Assert.Equal(600, _talk.Metrics.Sum("smtpproxy.replies.enhanced", "smtp.operation.name=noop"));
        Assert.Equal(88, _talk.Metrics.Sum("smtpproxy.replies.enhanced", "smtp.response.enhanced_status_code=other"));
    }

    [Fact]
    public void Io_BothWays_CountsWhatWasReadAndWritten()
    {
        _talk.Connect().Relay("220 x").Client("NOOP").Relay("250 ok").Proxies("421 bye").Over();
        _talk.Session.Spliced(Leg.Client, 1000, 0);
        Assert.Equal(6 + 1000, _talk.Metrics.Sum("smtpproxy.io", "network.io.direction=receive", "smtpproxy.leg=client"));
        Assert.Equal(6 + 1000, _talk.Metrics.Sum("smtpproxy.io", "network.io.direction=transmit", "smtpproxy.leg=relay"));
        Assert.Equal(7 + 8, _talk.Metrics.Sum("smtpproxy.io", "network.io.direction=receive", "smtpproxy.leg=relay"));
        Assert.Equal(7 + 8 + 9, _talk.Metrics.Sum("smtpproxy.io", "network.io.direction=transmit", "smtpproxy.leg=client"));
    }

    [Fact]
    public void Sessions_OneThatEnded_IsNoLongerActive()
    {
        _talk.Greet();
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.active_sessions", "smtpproxy.listener=inbound"));
        _talk.Ask("QUIT", "221 bye").Over();
        Assert.Equal(0, _talk.Metrics.Sum("smtpproxy.active_sessions", "smtpproxy.listener=inbound"));
        Assert.Equal(
            ["smtpproxy.outcome=quit", "smtpproxy.visibility=tracked", "smtpproxy.listener=inbound", "smtpproxy.cluster=relays"],
            _talk.Metrics.Single("smtpproxy.sessions").Attributes);
        Assert.Equal(_talk.Now / 1000, _talk.Metrics.Single("smtpproxy.session.duration").Value, 9);
    }

    [Fact]
    public void Sessions_OverTwice_CountsOnce()
    {
        _talk.Greet().Over().Over();
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.sessions"));
        Assert.Equal(0, _talk.Metrics.Sum("smtpproxy.active_sessions"));
    }

    [Theory]
    [InlineData(SessionOutcome.Quit, "quit")]
    [InlineData(SessionOutcome.ClientGone, "client_gone")]
    [InlineData(SessionOutcome.RelayGone, "relay_gone")]
    [InlineData(SessionOutcome.Timeout, "timeout")]
    [InlineData(SessionOutcome.Refused, "refused")]
    [InlineData(SessionOutcome.ConnectFailed, "connect_failed")]
    [InlineData(SessionOutcome.Shutdown, "shutdown")]
    [InlineData(SessionOutcome.Fault, "fault")]
    public void Sessions_Outcome_HasItsName(SessionOutcome outcome, string name)
    {
        _talk.Greet().Over(outcome);
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.sessions", "smtpproxy.outcome=" + name));
    }

    [Fact]
    public void Sessions_StartTls_IsOpaque()
    {
        _talk.Greet().Ask("STARTTLS", "220 go").Wait(1).Pass(Leg.Client, [0x16, 0x03, 0x01, 0, 1, 0]).Over();
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.sessions", "smtpproxy.visibility=opaque_tls"));
    }

    [Fact]
    public void Sessions_NotSmtp_IsOpaqueUnparsed()
    {
        _talk.Connect().Relay("SSH-2.0-OpenSSH_9.2").Over(SessionOutcome.ClientGone);
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.sessions", "smtpproxy.visibility=opaque_unparsed"));
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.anomalies", "smtpproxy.anomaly=not-smtp", "smtpproxy.listener=inbound"));
    }

    [Fact]
    public void Sessions_ObserverFailed_IsOpaqueUnparsed()
    {
        _talk.Greet().Session.Lost();
        _talk.Over();
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.sessions", "smtpproxy.visibility=opaque_unparsed"));
    }

    [Theory]
    [InlineData(DialOutcome.Refused, "connection_refused")]
    [InlineData(DialOutcome.TimedOut, "timeout")]
    [InlineData(DialOutcome.Unreachable, "unreachable")]
    [InlineData(DialOutcome.Failed, "connect_failed")]
    public void Connect_Failed_HasErrorType(DialOutcome outcome, string error)
    {
        _talk.Accept().Session.Dialling("mx1", 0);
        _talk.Session.Dialled(new DialNote(new DialResult(outcome, null, null, "x")), Conversation.Ticks(30));
        var sample = _talk.Metrics.Single("smtpproxy.operation.duration", "smtp.operation.name=connect", "error.type=" + error);
        Assert.Equal(.03, sample.Value, 9);
    }

    [Fact]
    public void FailOver_SecondRelay_GetsItsOwnSeries()
    {
        _talk.Accept().Session.Dialling("mx1", 0);
        _talk.Session.Dialled(new DialNote(new DialResult(DialOutcome.Refused, null, null, "x")), Conversation.Ticks(30));
        _talk.Session.Dialling("mx2", Conversation.Ticks(30));
        _talk.Session.Dialled(new DialNote(new DialResult(DialOutcome.Connected, null, null, null)), Conversation.Ticks(40));
        _talk.Wait(45).Relay("220 hi").Over();
        Assert.Equal(.01, _talk.Metrics.Single("smtpproxy.operation.duration", "smtp.operation.name=connect",
            "smtpproxy.destination=mx2").Value, 9);
        Assert.Equal(.005, _talk.Metrics.Single("smtpproxy.operation.duration", "smtp.operation.name=greeting",
            "smtpproxy.destination=mx2").Value, 9);
    }

    [Fact]
    public void LimitHit_AndReloads_AreCounted()
    {
        _talk.Telemetry.LimitHit("sessions");
        _talk.Telemetry.ConfigReloaded(applied: true);
        _talk.Telemetry.ConfigReloaded(applied: false);
        _talk.Telemetry.SessionLimit("inbound", 100);
        _talk.Telemetry.SessionLimit("other", 0);
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.limits.hit", "smtpproxy.limit=sessions"));
        Assert.Equal(2, _talk.Metrics.Sum("smtpproxy.config.reloads"));
        Assert.Equal(1, _talk.Metrics.Sum("smtpproxy.config.reloads", "error.type=invalid_configuration"));
        Assert.Equal(["smtpproxy.listener=inbound"], _talk.Metrics.Single("smtpproxy.session.limit").Attributes);
    }

    [Fact]
    public void NoMetric_EverHoldsAnAddressOrNameFromTheWire()
    {
        _talk.Greet().Deliver().Ask("VRFY secretuser", "252 secretreply").Ask("SECRETVERB", "500 secrettext").Over();
        string[] names =
        [
            "smtpproxy.operation.duration", Replies, "smtpproxy.replies.enhanced", "smtpproxy.transactions", "smtpproxy.sessions",
            "smtpproxy.session.duration", "smtpproxy.anomalies", "smtpproxy.message.size", "smtpproxy.io",
        ];
        var all = string.Join('\n', names.SelectMany(n => _talk.Metrics[n]).SelectMany(s => s.Attributes));
        foreach (var text in (string[])["example", "192.0.2", "secret", "SECRET", "@"])
        {
            Assert.DoesNotContain(text, all, StringComparison.Ordinal);
        }
    }

    private static string Value(MetricsProbe.Sample sample, int index) => sample.Attributes[index].Split('=')[1];
}
