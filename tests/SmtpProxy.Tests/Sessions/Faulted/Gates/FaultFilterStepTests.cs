using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Faulted;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Tests.Sessions.Pipeline;
using SmtpProxy.Tls;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>What faults do to what a session has besides its two connections.</summary>
public sealed class FaultFilterStepTests
{
    private readonly SessionBed _bed = new();
    private readonly TestPair _pair = new();

    /// <summary>Nobody else gives back what the relay's dialogue holds.</summary>
    [Fact]
    public void Relay_OfASessionThatIsClosed_OwesNothing()
    {
        var context = Context(tls: null);
        var filter = Filter(context, new FakeFaults());
        Assert.Equal(1, context.RelayDialogue!.Outstanding);
        filter.Closed();
        Assert.Equal(0, context.RelayDialogue.Outstanding);
    }

    /// <summary>Who is granted TLS next sees what the rule says.</summary>
    [Fact]
    public void Certificate_OfARule_IsTheNextThatTheClientSees()
    {
        var arrival = new Arrival(_pair.Client, _pair.Local, _pair.Now);
        Assert.Null(new Admission().Enter("inbound", arrival, new SessionLimits(), ListenerPolicy.Open, false, out var place));
        var server = new ServerTls("inbound", new ListenerTls { Mode = ListenerTlsMode.StartTls });
        var tls = new SessionTls(server, place!, _bed.Host.Telemetry);
        var faults = new FakeFaults().At(FaultPoint.TlsHandshake, static s => s.Certificate = CertificateFlaw.Expired);
        var filter = Filter(Context(tls), faults);
        Assert.Null(tls.Forged);
        filter.FromClient("STARTTLS\r\n"u8);
        Assert.Equal(CertificateFlaw.Expired, tls.Forged);
    }

    private static FaultFilter Filter(SessionContext context, FakeFaults faults)
    {
        var end = new Nobody();
        var filter = new FaultFilter(context, end, faults, "inbound", "relays");
        new FilterProbe([]).Follow(filter).Follow(end);
        return filter;
    }

    private SessionContext Context(SessionTls? tls)
    {
        var telemetry = _bed.Host.Telemetry.Open("inbound", "relays");
        var context = new SessionContext(_pair, new SessionLimits(), telemetry, tls, static e => throw e);
        context.Dialogue.Accepted(context.ClientAddress, context.LocalAddress, _pair.Now, _pair.Now);
        return context;
    }

    private sealed class Nobody : ClientEnd
    {
        public override bool IsAtRest => true;

        public override bool HasFailed => false;

        public override bool IsBlocked(Leg to) => false;

        public override void FeedHidden(ReadOnlySpan<byte> octets, Origin origin)
        {
        }

        public override void ClientEnded(EndKind how)
        {
        }
    }
}
