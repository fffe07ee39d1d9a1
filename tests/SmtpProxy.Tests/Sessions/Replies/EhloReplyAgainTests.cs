using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Replies;

/// <summary>More than one EHLO, inside TLS and before it, and what the proxy remembers of their replies.</summary>
public sealed class EhloReplyAgainTests
{
    private static readonly RelayTls Clear = RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None };

    /// <summary>It is said in the relay's place once, and only as long as the relay has said nothing else inside.</summary>
    [Theory]
    [InlineData("503 once\r\n", "503 again\r\n", "250-mx\r\n250 SIZE\r\n", "503 again\r\n")]
    [InlineData("250 other\r\n", "503 once\r\n", "250 other\r\n", "503 once\r\n")]
    [InlineData("451 later\r\n", "503 once\r\n", "451 later\r\n", "250-mx\r\n250 SIZE\r\n")]
    public void Ehlo_AgainInsideTls_IsAnsweredAsInTheClearOnce(string reply, string next, string told, string toldNext)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var bed = new SessionBed(seed: seed, tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: Clear);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 SIZE\r\n").Awaits("EHLO d\r\n").Says(reply)
                .Awaits("EHLO e\r\n").Says(next).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0")
                .Awaits("\r\n").Shakes().Says("EHLO d\r\n").Awaits(told).Says("EHLO e\r\n").Awaits(toldNext)
                .Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith(told + toldNext + "221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        }
    }

    /// <summary>What there was of one that was too long is no part of the next.</summary>
    [Fact]
    public void Ehlo_AfterOneWhoseReplyWasTooLong_IsRememberedByItself()
    {
        var reply = "250-mx\r\n" + string.Concat(Enumerable.Range(0, 200).Select(static n => $"250-X{n:000}{new string('x', 90)}\r\n"));
        for (var seed = 0; seed < 12; seed++)
        {
            var bed = new SessionBed(seed: seed, tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: Clear);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO b\r\n").Says(reply + "250 END\r\n").Awaits("EHLO c\r\n")
                .Says("250-mx\r\n250 SIZE\r\n").Awaits("EHLO d\r\n").Says("503 once\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO b\r\n").Awaits("250 STARTTLS\r\n").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n")
                .Says("STARTTLS\r\n").Awaits("220 2.0.0").Awaits("\r\n").Shakes().Says("EHLO d\r\n").Awaits("250 SIZE\r\n").Says("QUIT\r\n")
                .Awaits("221 bye\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith("220 2.0.0 Ready to start TLS\r\n250-mx\r\n250 SIZE\r\n221 bye\r\n", bed.Sim.Client.Heard,
                StringComparison.Ordinal);
        }
    }
}
