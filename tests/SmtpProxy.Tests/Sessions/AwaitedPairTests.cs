using System.Diagnostics;
using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Tests.Sessions.Admitting;
using SmtpProxy.Tests.Sessions.Pipeline;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Connections about which other proxies are asked.</summary>
public sealed class AwaitedPairTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource<CommonVerdict> _answer = new();
    private readonly Admission _admission = new();
    private readonly List<CommonVerdict> _decided = [];
    private readonly TestPair _pair = new();

    [Fact]
    public void Answer_ThatIsThereAlready_IsTakenAtOnce()
    {
        _answer.SetResult(CommonVerdict.Rate);
        Awaited(isTaken: true).Accepted(_pair);
        Assert.Equal("hand over to RefusedPair for 192.0.2.1:1000", _pair.TakeTold());
        Assert.Equal([CommonVerdict.Rate], _decided);
    }

    [Theory]
    [InlineData(true, "hand over to RefusedPair for 192.0.2.1:1000")]
    [InlineData(false, "reset Client")]
    public async Task Client_BeforeThereIsAnAnswer_IsNotRead(bool isTaken, string then)
    {
        var awaited = Awaited(isTaken);
        awaited.Accepted(_pair);
        Assert.Equal("pause Client", _pair.TakeTold());
        Assert.Empty(_decided);

        _answer.SetResult(CommonVerdict.Sessions);
        await _pair.Signalled;
        Assert.Equal("signal 1", _pair.TakeTold());
        awaited.Signalled(1);
        Assert.Equal("resume Client; " + then, _pair.TakeTold());
        Assert.Equal([CommonVerdict.Sessions], _decided);
    }

    [Fact]
    public void Client_ThatGoesBeforeThereIsAnAnswer_HoldsNothingAfterIt()
    {
        var awaited = Awaited(isTaken: true);
        awaited.Accepted(_pair);
        _pair.TakeTold();
        awaited.Ended(Leg.Client, EndKind.Fin);
        Assert.Equal("reset Client", _pair.TakeTold());
        Assert.Equal(1, _admission.Count);
        awaited.Closed();
        Assert.Equal(0, _admission.Count);
        Assert.Empty(_decided);
    }

    [Theory]
    [InlineData(nameof(CommonVerdict.Admitted), "220 mx\r\n")]
    [InlineData(nameof(CommonVerdict.Sessions), "421 4.7.0 Too many sessions from your address, please try again later\r\n")]
    [InlineData(nameof(CommonVerdict.Rate), "421 4.7.0 Too many connections from your address, please try again later\r\n")]
    public void Client_OfWhomTheOthersSaySo_IsServedOrTold_AndLeavesItsPlaceOnce(string verdict, string heard)
    {
        var others = new FakeOthers { AreHeard = true, Verdict = Enum.Parse<CommonVerdict>(verdict) };
        var bed = new SessionBed(new SessionLimits { MaxSessionsPerClient = 5 }, common: others);
        bed.Sim.Relay.Says("220 mx\r\n").Waits(TimeSpan.FromSeconds(1)).Fin();
        bed.Sim.Client.Awaits("\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(heard, bed.Sim.Client.Heard);
        Assert.Equal([1], others.Asked);
        Assert.Equal([0], others.Gone);
        Assert.Empty(others.Here!);
        Assert.Equal(verdict == "Admitted" ? "client_gone" : "refused", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>Before its handshake a client waits for no words.</summary>
    [Fact]
    public void Client_ThatTheOthersTurnAwayBeforeItsHandshake_IsReset()
    {
        var others = new FakeOthers { AreHeard = true, Verdict = CommonVerdict.Sessions };
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.Implicit }, common: others);
        bed.Sim.RunToEnd();
        Assert.Equal(("", EndKind.Reset), (bed.Sim.Client.Heard, bed.Sim.Client.End));
        Assert.Equal([0], others.Gone);
    }

    [Fact]
    public void Stop_WhileTheOthersAreAsked_TurnsTheClientAway()
    {
        var others = new FakeOthers { AreHeard = true, Verdict = CommonVerdict.Admitted };
        var bed = new SessionBed(common: others);
        bed.Host.DrainAsync(Deadline);
        bed.Sim.Client.Awaits("421").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("421 4.3.2 Service is restarting, please try again\r\n", bed.Sim.Client.Heard);
        Assert.Equal("shutdown", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal([0], others.Gone);
    }

    private AwaitedPair Awaited(bool isTaken)
    {
        var client = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1000);
        var arrival = new Arrival(client, new IPEndPoint(IPAddress.Loopback, 25), Stopwatch.GetTimestamp());
        Assert.Null(_admission.Enter("in", arrival, new SessionLimits(), ListenerPolicy.Open, false, out var place));
        return new AwaitedPair(_answer.Task, place!, arrival, verdict =>
        {
            _decided.Add(verdict);
            return isTaken ? new RefusedPair([], static () => { }) : null;
        });
    }
}
