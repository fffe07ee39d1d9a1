using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>What the client is sent, at once or slowly, and how its connection ends.</summary>
public sealed class ClientPortTests
{
    private readonly SessionBed _bed = new();
    private readonly TestPair _pair = new();
    private readonly SessionContext _context;
    private readonly ClientPort _port;

    public ClientPortTests()
    {
        _context = new SessionContext(_pair, new SessionLimits(), _bed.Host.Telemetry.Open("inbound", "relays"), null, static e => throw e);
        _port = _context.Client;
    }

    /// <summary>Who times the session asks it since when it holds octets for a fault.</summary>
    [Fact]
    public void Time_ThatIsHeld_IsKnownFromTheSession()
    {
        IHeldTime held = _context;
        Assert.Equal((0, 0, 0), (held.HeldSince, held.Held, held.ReleasedAt));
        var since = _pair.Now;
        _context.Hold();
        _pair.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal((since, 0, 0), (held.HeldSince, held.Held, held.ReleasedAt));
        _context.Release();
        Assert.Equal((0, _pair.Now - since, _pair.Now), (held.HeldSince, held.Held, held.ReleasedAt));
    }

    [Fact]
    public void Octets_WithoutALimit_GoAtOnce_AreCounted_AndTheWitnessHearsThem()
    {
        using var metrics = new MetricsProbe(_bed.Meter);
        var witness = new Witness();
        _port.Witness = witness;
        _port.Send("abc"u8);
        _port.Shut();
        Assert.Equal("send Client abc; shut Client", _pair.TakeTold());
        Assert.Equal("abc", witness.Heard);
        Assert.Equal(3, metrics.Sum("smtpproxy.io", "network.io.direction=transmit", "smtpproxy.leg=client"));
    }

    [Fact]
    public void Octets_UnderALimit_AreUnsentWithThoseOfTheTransport_AndTheEndWaitsForThem()
    {
        var box = Limit();
        _port.Send("abcdef"u8);
        _port.Shut();
        Assert.DoesNotContain("Client", _pair.TakeTold(), StringComparison.Ordinal);
        _pair.Untaken[(int)Leg.Client] = 5;
        Assert.Equal(11, _port.Unsent);
        box.Unstall();
        Assert.Equal("send Client abcdef; shut Client", _pair.TakeTold());
        Assert.Equal(5, _port.Unsent);
    }

    /// <summary>A client that has not been sent all must not take the end for a good one.</summary>
    [Theory]
    [InlineData("abc", "reset Client")]
    [InlineData("", "close Client")]
    public void Close_WhileOctetsWaitOrNot_IsAResetOrNot(string waiting, string told)
    {
        Limit();
        _port.Send(Encoding.ASCII.GetBytes(waiting));
        _pair.TakeTold();
        _port.Close();
        Assert.Equal(told, _pair.TakeTold().Split("; ")[^1]);
        Assert.Equal(0, _port.Unsent);
    }

    [Fact]
    public void Close_WithoutALimit_IsNoReset()
    {
        _port.Close();
        Assert.Equal("close Client", _pair.TakeTold());
    }

    /// <summary>A client that is there, and of which nobody knows yet whether it has its verdict, has not missed it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Close_RightAfterAVerdict_OfAClientThatIsThere_DoesNotMissIt(bool isReset)
    {
        _context.Telemetry.Flow.FinalReply(accepted: true);
        _context.Telemetry.Flow.Block(Leg.Client, blocked: false);
        _pair.Confirmed = null;
        if (isReset)
        {
            _port.Reset();
        }
        else
        {
            _port.Close();
        }

        Assert.Equal((true, 0), (_context.Telemetry.Flow.OwesReceipt, _context.Telemetry.Flow.UnseenAcceptances));
    }

    /// <summary>The connection is gone: what waited for it must not be sent to it later.</summary>
    [Fact]
    public void Reset_WhileOctetsWait_ForgetsThem()
    {
        var box = Limit();
        _port.Send("abc"u8);
        _port.Reset();
        Assert.EndsWith("reset Client", _pair.TakeTold(), StringComparison.Ordinal);
        box.Unstall();
        Assert.Equal(("", 0), (_pair.TakeTold(), _port.Unsent));
    }

    /// <summary>What is held here when the answer comes, and what is still to come before it, is none of it.</summary>
    [Theory]
    [InlineData(false, "bcdefghi")]
    [InlineData(true, "ghi")]
    public void Answer_BeginsBehindWhatTheClientWasNotToldYet(bool hasEarlier, string answer)
    {
        var witness = new Witness { Port = _port };
        _port.Witness = witness;
        var box = Limit();
        _port.Send("a"u8);
        _port.HasEarlier = () => hasEarlier;
        _port.AnswerComes();
        _port.Send("bcdef"u8);
        if (hasEarlier)
        {
            _port.AnswerBegins();
        }

        box.Unstall();
        _port.Send("ghi"u8);
        Assert.Equal("abcdefghi", witness.Heard);
        Assert.Equal(answer, witness.Answer);
    }

    private Outbox Limit()
    {
        var box = new Outbox(_pair, _port.SendNow, _port.ShutNow, new FaultTimers(_pair), FaultTimer.ToClient);
        box.Stall();
        _port.Limited = box;
        return box;
    }

    private sealed class Witness : SessionFilter
    {
        public string Heard { get; private set; } = "";

        public string Answer { get; private set; } = "";

        public ClientPort? Port { get; init; }

        public override void ClientTold(ReadOnlySpan<byte> octets)
        {
            Heard += Encoding.ASCII.GetString(octets);
            Answer += Encoding.ASCII.GetString(Port is null ? [] : Port.OfAnswer(octets));
        }
    }
}
