using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>The relay answers a message before its end, while a rule keeps back what may be that end. The dialogue is not followed from
/// there, and nothing is decided any more: the octets pass in their order.</summary>
public sealed class FaultedSessionEarlyVerdictTests
{
    [Theory]
    [InlineData(".", "\r\n")]
    [InlineData(".\r", "\n.\r\n")]
    [InlineData("a\n.\r\nb\r\n.", "c\r\n.\r\n")]
    [InlineData("a\r\n.\r", "\nQUIT\r\n")]
    [InlineData("a\r\n.", "")]
    public void Message_AnsweredWhileItsDotIsKept_PassesInOrder(string before, string after)
    {
        foreach (var ahead in (ReadOnlySpan<bool>)[false, true])
        {
            var faults = new FakeFaults().At(FaultPoint.EndOfData, static s => s.BeforeForward = TimeSpan.FromHours(1));
            var bed = new SessionBed(faults: faults);
            bed.Sim.Client.Awaits("220 mx\r\n").Says("DATA\r\n" + (ahead ? before : "")).Awaits("354 go\r\n").Says(ahead ? "" : before)
                .Awaits("250 fine\r\n").Says(after).Waits(TimeSpan.FromSeconds(5)).Fin();
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("DATA\r\n").Says("354 go\r\n").Waits(TimeSpan.FromSeconds(5)).Says("250 fine\r\n")
                .Waits(TimeSpan.FromSeconds(20)).Fin();

            bed.Sim.RunToEnd();

            Assert.Equal("DATA\r\n" + before + after, bed.Sim.Relay.Heard);
            Assert.Equal("desynchronised", bed.Record.GetProperty("opaque").GetProperty("reason").GetString());
        }
    }
}
