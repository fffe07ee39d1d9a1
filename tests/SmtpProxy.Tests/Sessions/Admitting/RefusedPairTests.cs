using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Tests.Sessions.Pipeline;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Admitting;

/// <summary>A client that gets no session: told so, and waited for a moment.</summary>
public sealed class RefusedPairTests
{
    private readonly TestPair _pair = new();
    private int _left;

    [Fact]
    public void Client_IsTold_AndClosedAfterAMoment_WithoutAReset()
    {
        var refused = Refused();
        Assert.Equal("send Client 421 no; shut Client; Session 2000", _pair.TakeTold());
        refused.TimedOut(PairTimer.Session);
        Assert.Equal(("close Client", 0), (_pair.TakeTold(), _left));
        refused.Closed();
        Assert.Equal(1, _left);
    }

    [Fact]
    public void Client_ThatTalksOn_IsReset_AfterSixteenKiB()
    {
        var refused = Refused();
        _pair.TakeTold();
        refused.Received(Leg.Client, new byte[10_000]);
        refused.Received(Leg.Client, new byte[6_384]);
        Assert.Equal("", _pair.TakeTold());
        refused.Received(Leg.Client, new byte[1]);
        Assert.Equal("reset Client", _pair.TakeTold());
    }

    private RefusedPair Refused()
    {
        var refused = new RefusedPair("421 no"u8.ToArray(), () => _left++);
        refused.Accepted(_pair);
        return refused;
    }
}
