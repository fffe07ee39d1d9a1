using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>Whether a client has the verdict on its message when its connection is ended or given up.</summary>
public sealed class ReceiptTests
{
    private readonly TestPair _pair = new();
    private readonly SessionContext _context;

    public ReceiptTests()
    {
        var telemetry = new SessionBed().Host.Telemetry.Open("inbound", "relays");
        _context = new SessionContext(_pair, new SessionLimits(), telemetry, null, static e => throw e);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void End_OfAClientThatHasLeft_WaitsForNothing_WhereItIsKnownWhetherItHasTheVerdict(bool confirmed, int unseen)
    {
        Told(hasLeft: true);
        _pair.Confirmed = confirmed;
        _context.Client.ShutNow();
        Assert.Equal(("shut Client", unseen, false), (_pair.TakeTold(), Unseen, _context.Telemetry.Flow.OwesReceipt));
    }

    /// <summary>It is asked again and again, for five seconds; then the client has it not.</summary>
    [Fact]
    public void End_OfAClientThatHasLeft_WaitsAShortTime_WhereNothingIsKnown()
    {
        Told(hasLeft: true);
        _pair.Confirmed = null;
        for (var n = 0; n < 5; n++)
        {
            _context.Client.ShutNow();
            Assert.Equal(("Receipt 20", 0), (_pair.TakeTold(), Unseen));
            _pair.Pass(TimeSpan.FromSeconds(1));
        }

        _context.Client.ShutNow();
        Assert.Equal(("shut Client", 1), (_pair.TakeTold(), Unseen));
    }

    [Fact]
    public void End_OfAClientThatIsThere_WaitsForNothing()
    {
        Told(hasLeft: false);
        _pair.Confirmed = null;
        _context.Client.ShutNow();
        Assert.Equal(("shut Client", true), (_pair.TakeTold(), _context.Telemetry.Flow.OwesReceipt));
    }

    /// <summary>One that was silent for long after the verdict was lost without a word, unless its kernel has confirmed it. One that has
    /// just left is known not to have it where its kernel has refused it.</summary>
    [Theory]
    [InlineData(true, false, null, 1)]
    [InlineData(true, false, false, 1)]
    [InlineData(true, false, true, 0)]
    [InlineData(true, true, null, 1)]
    [InlineData(false, true, false, 1)]
    [InlineData(false, true, null, 0)]
    [InlineData(false, true, true, 0)]
    [InlineData(false, false, false, 0)]
    public void Connection_ThatIsGivenUp_MissesTheVerdictOrNot(bool late, bool hasLeft, bool? confirmed, int unseen)
    {
        Told(hasLeft);
        _pair.Confirmed = confirmed;
        Receipt.Close(_context, late);
        Assert.Equal((unseen, !late && unseen == 0), (Unseen, _context.Telemetry.Flow.OwesReceipt));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Connection_ThatIsClosedOrReset_IsGivenUp(bool isReset)
    {
        Told(hasLeft: true);
        _pair.Confirmed = false;
        if (isReset)
        {
            _context.Client.Reset();
        }
        else
        {
            _context.Client.Close();
        }

        Assert.Equal((isReset ? "reset Client" : "close Client", 1), (_pair.TakeTold(), Unseen));
    }

    [Fact]
    public void Connection_WithoutAVerdict_MissesNone()
    {
        _pair.Confirmed = false;
        Receipt.Close(_context, late: true);
        Assert.Equal(0, Unseen);
    }

    private int Unseen => _context.Telemetry.Flow.UnseenAcceptances;

    /// <summary>The client's kernel has been given a verdict.</summary>
    private void Told(bool hasLeft)
    {
        ref var flow = ref _context.Telemetry.Flow;
        flow.FinalReply(accepted: true);
        if (hasLeft)
        {
            flow.Ended(Leg.Client, EndKind.Fin);
        }

        flow.Block(Leg.Client, blocked: false);
    }
}
