using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions;

/// <summary>Getting a relay: dials that fail, fail-over, and what the client is told.</summary>
public sealed class SessionRelayTests
{
    [Theory]
    [InlineData(DialOutcome.Refused, "refused the connection")]
    [InlineData(DialOutcome.TimedOut, "in time")]
    [InlineData(DialOutcome.Unreachable, "cannot be reached")]
    [InlineData(DialOutcome.Failed, "failed")]
    public void Dial_Fails_ClientGets421WithTheCause(DialOutcome outcome, string cause)
    {
        var bed = new SessionBed();
        bed.Sim.Dials.Then(outcome);
        bed.Sim.Client.Awaits("\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Matches($"^421 4\\.3\\.2 .*{cause}.*\r\n$", bed.Sim.Client.Heard);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(["relay-0:ConnectFailed"], bed.Relays.Reports);
        Assert.Equal(0, bed.Relays.Open);
        Assert.Equal("connect_failed", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(421, bed.Record.GetProperty("greeting").GetProperty("code").GetInt32());
    }

    [Theory]
    [InlineData(Shortage.Descriptors, "descriptors")]
    [InlineData(Shortage.Memory, "kernel_memory")]
    public void Dial_ThisMachineCannot_NoRelayIsBlamed_AndTheOthersAreNotUsedUp(Shortage shortage, string limit)
    {
        var bed = new SessionBed(relays: 3);
        bed.Sim.Dials.Shortage = shortage;
        bed.Sim.Dials.Then(DialOutcome.NotDialled);
        bed.Sim.Client.Awaits("\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("421 4.3.2 Service not available: local resources are short, please try again later\r\n", bed.Sim.Client.Heard);
        Assert.Empty(bed.Relays.Reports);
        Assert.Equal(0, bed.Relays.Open);
        Assert.Single(bed.Sim.Dials.Targets);
        Assert.Equal("local_resources", bed.Record.GetProperty("diagnosis").GetProperty("code").GetString());
        Assert.Equal(1, bed.Limits(limit));
    }

    [Theory]
    [InlineData(Shortage.Ports, "local_ports")]
    [InlineData(Shortage.Permission, "local_permission")]
    public void Dial_ThisMachineCannotReachOneRelay_AnotherServes_AndNeitherIsBlamed(Shortage shortage, string limit)
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Dials.Shortage = shortage;
        bed.Sim.Dials.Then(DialOutcome.NotDialled).Then(DialOutcome.Connected);
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.Equal(["relay-1:Greeted"], bed.Relays.Reports);
        Assert.Equal(1, bed.Limits(limit));
    }

    [Fact]
    public void Dial_NoRelayAtAll_ClientGets421()
    {
        var bed = new SessionBed(relays: 0);
        bed.Sim.Client.Awaits("\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("421 4.3.2 Service not available: no relay in cluster 'relays' is available\r\n", bed.Sim.Client.Heard);
    }

    [Fact]
    public void Dial_FirstRefused_NextRelayServesUnnoticed()
    {
        var bed = new SessionBed(relays: 3);
        bed.Sim.Dials.Then(DialOutcome.Refused).Then(DialOutcome.TimedOut).Then(DialOutcome.Connected);
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.Equal(["relay-0:ConnectFailed", "relay-1:ConnectFailed", "relay-2:Greeted"], bed.Relays.Reports);
        Assert.Equal("relay-2", bed.Record.GetProperty("destination").GetString());
        Assert.Equal(0, bed.Relays.Open);
    }

    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Relay_GoneBeforeItsGreeting_NextRelayServesUnnoticed(EndKind how)
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Relays(0).EndsNow(how);
        bed.Sim.Relays(1).Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 ").Says("QUIT\r\n").Awaits("221").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.Greeting + "221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal(["relay-0:GreetingFailed", "relay-1:Greeted"], bed.Relays.Reports);
    }

    [Fact]
    public void Relay_SilentBeforeItsGreeting_NextRelayServesUnnoticed()
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Relays(1).Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 ").Says("QUIT\r\n").Awaits("221").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.Greeting + "221 bye\r\n", bed.Sim.Client.Heard);
        Assert.InRange(bed.Sim.Elapsed, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5.1));
    }

    [Theory]
    [InlineData("220 mx.example.org, which takes its time")]
    [InlineData("2")]
    public void Relay_DrippingItsGreeting_NextRelayServesUnnoticed(string greeting)
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Relays(1).Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 ").Says("QUIT\r\n").Awaits("221").Fin();
        foreach (var octet in greeting)
        {
            bed.Sim.Relay.Says(octet.ToString()).Waits(TimeSpan.FromMinutes(1));
        }

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.Greeting + "221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal(["relay-0:GreetingFailed", "relay-1:Greeted"], bed.Relays.Reports);
        Assert.InRange(bed.Sim.Elapsed, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5.1));
    }

    [Theory]
    [InlineData("220 mx.exa", "220 mx.exa")]
    [InlineData("220-mx\r\n220-mx\r\n220-", "220-mx\r\n220-mx\r\n")]
    public void Relay_DrippingItsGreetingAndTheOnlyOne_IsTimedOutInTheTimeForOne(string greeting, string heard)
    {
        var bed = new SessionBed();
        foreach (var octet in greeting)
        {
            bed.Sim.Relay.Says(octet.ToString());
            bed.Sim.Pass(TimeSpan.FromSeconds(290.0 / greeting.Length));
        }

        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(TimeSpan.FromSeconds(12));

        Assert.StartsWith(heard, bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
    }

    [Theory]
    [InlineData("220-mx")]
    [InlineData("2")]
    [InlineData("not SMTP")]
    public void Relay_GoneInTheMiddleOfItsFirstLineAndTheOnlyOne_ClientGetsWhatThereIs(string greeting)
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says(greeting).Fin();
        bed.Sim.Run();

        Assert.Equal(greeting, bed.Sim.Client.Heard);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
    }

    [Fact]
    public void Relay_InTheMiddleOfItsFirstLineWhenTheClientSpeaks_IsPassedFirst()
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Relay.Says("220 mx");
        bed.Sim.Run();
        Assert.Equal("", bed.Sim.Client.Heard);
        bed.Sim.Client.Says("EHLO early\r\n");
        bed.Sim.Run();
        Assert.Equal(("220 mx", "EHLO early\r\n"), (bed.Sim.Client.Heard, bed.Sim.Relay.Heard));
    }

    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Relay_GoneBeforeItsGreetingAndTheOnlyOne_ClientSeesTheSameEnd(EndKind how)
    {
        var bed = new SessionBed();
        bed.Sim.Relay.EndsNow(how);
        bed.Sim.Client.Awaits("220").Fin();
        bed.Sim.Run();

        Assert.Equal("", bed.Sim.Client.Heard);
        Assert.Equal(how, bed.Sim.Client.End);
        Assert.Equal(["relay-0:GreetingFailed"], bed.Relays.Reports);
    }

    [Fact]
    public void Relay_GoneAfterTheClientSpoke_IsNotReplaced()
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Client.Says("EHLO early\r\n");
        bed.Sim.Relay.Awaits("EHLO early\r\n").Fin();

        bed.Sim.Run();

        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Single(bed.Sim.Dials.Targets);
    }

    [Fact]
    public void Relay_GreetsWith554_IsPassedAndReportedAndNotReplaced()
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Relay.Says("554 5.7.1 no\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("554 ").Says("QUIT\r\n").Awaits("221").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("554 5.7.1 no\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal(["relay-0:GreetingRefused"], bed.Relays.Reports);
    }

    [Fact]
    public void Relay_GreetsWith421AndCloses_IsPassedAndReportedAsRefused()
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Relay.Says("421 4.3.2 too busy\r\n").Fin();
        bed.Sim.Client.Awaits("421 ").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("421 4.3.2 too busy\r\n", bed.Sim.Client.Heard);
        Assert.Equal(["relay-0:GreetingRefused"], bed.Relays.Reports);
        Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
    }

    [Fact]
    public void Client_ResetsWhileDialling_SessionEndsAndNothingIsLeft()
    {
        var bed = new SessionBed();
        bed.Sim.Dials.ThenNothing();
        bed.Sim.Client.Resets();

        bed.Sim.RunToEnd();

        Assert.Equal(0, bed.Relays.Open);
        Assert.Equal(0, bed.Host.Count);
        Assert.Equal("client_gone", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>From the proxy's own address the relay might take it for somebody whom it trusts.</summary>
    [Fact]
    public void Relay_ThatShallSeeTheClientAndIsOfTheOtherFamily_IsNotDialled()
    {
        var bed = new SessionBed(relays: 2, identity: new RelayIdentity(ProxyVersion.None, null, Transparent: true));
        bed.Relays.At = static _ => new IPEndPoint(IPAddress.Parse("2001:db8::25"), 25);
        bed.Sim.Client.Awaits("\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("421 4.3.2 Service not available: the relay cannot be shown the client's address\r\n", bed.Sim.Client.Heard);
        Assert.Empty(bed.Sim.Dials.Targets);
        Assert.Empty(bed.Relays.Reports);
        Assert.Equal(0, bed.Relays.Open);
    }

    [Fact]
    public void Relay_ThatShallSeeTheClientAndIsOfItsFamily_ServesItInTheOthersPlace()
    {
        var bed = new SessionBed(relays: 2, identity: new RelayIdentity(ProxyVersion.None, null, Transparent: true));
        bed.Relays.At = static name => new IPEndPoint(IPAddress.Parse(name == "relay-0" ? "2001:db8::25" : "192.0.2.25"), 25);
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.RunToEnd();

        var target = Assert.Single(bed.Sim.Dials.Targets);
        Assert.Equal(((IPEndPoint)bed.Sim.Pair.Client).Address, target.From?.Address);
        Assert.Equal("relay-1", bed.Record.GetProperty("destination").GetString());
    }
}
