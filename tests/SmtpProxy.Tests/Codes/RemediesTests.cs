using System.Net;
using SmtpProxy.Codes;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Codes;

/// <summary>Remedies name what the session met, so that their commands can be pasted.</summary>
public sealed class RemediesTests
{
    private const string Text = "`nc HOST PORT`, `openssl s_client -connect HOST:PORT`, `smtps://HOST:PORT`, `stop RULE`, `=FINGERPRINT`";

    [Theory]
    [InlineData("192.0.2.25:25",
        "`nc 192.0.2.25 25`, `openssl s_client -connect 192.0.2.25:25`, `smtps://192.0.2.25:25`, `stop RULE`, `=FINGERPRINT`")]
    [InlineData("[2001:db8::25]:587",
        "`nc 2001:db8::25 587`, `openssl s_client -connect [2001:db8::25]:587`, `smtps://[2001:db8::25]:587`, `stop RULE`, `=FINGERPRINT`")]
    public void Remedy_OfARelayAtAnAddress_HasItAsEachProgramTakesIt(string relay, string expected) =>
        Assert.Equal(expected, Remedies.Fill(Text, new FailureFacts { Relay = IPEndPoint.Parse(relay) }));

    [Fact]
    public void Remedy_OfARelayAtASocketFile_HasThePath() => Assert.Equal(
        "`nc -U /run/mx.sock`, `openssl s_client -unix /run/mx.sock`, `smtps:///run/mx.sock`, `stop slow`, `=AB12`",
        Remedies.Fill(Text, new FailureFacts
            { Relay = new System.Net.Sockets.UnixDomainSocketEndPoint("/run/mx.sock"), Rule = "slow", Fingerprint = "AB12" }));

    [Fact]
    public void Remedy_OfWhatIsNotKnown_KeepsItsWords() => Assert.Equal(Text, Remedies.Fill(Text, new FailureFacts()));

    [Fact]
    public void Diagnosis_OfARelayThatRefuses_HasTheCommandAndTheKey()
    {
        using var talk = new Conversation();
        talk.Accept();
        talk.Session.Dialling("mx1", Conversation.Ticks(0), new IPEndPoint(IPAddress.Parse("192.0.2.25"), 2525));
        talk.Session.Dialled(new DialNote(new DialResult(DialOutcome.Refused, null, null, "refused")), Conversation.Ticks(1));

        var remedy = talk.Over(SessionOutcome.ConnectFailed).Line().GetProperty("diagnosis").GetProperty("remedy").GetString();

        Assert.Contains("`nc -v 192.0.2.25 2525`", remedy, StringComparison.Ordinal);
        Assert.Contains("`ReverseProxy:Clusters:relays:Destinations:mx1:Address`", remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Remedies_OfTheCatalogue_HaveNoOtherWordsToFillIn()
    {
        var known = Remedies.Fill(Remedies.Fill(string.Join('\n', Catalogue.Diagnoses.Select(static d => d.Remedy)),
            new FailureFacts { Relay = new IPEndPoint(1, 25), Rule = "r", Fingerprint = "f" }), new SessionPlace("l", "c", "d"));

        // NAME stands for a name that did not resolve, FILE for one at the relay: nobody here knows them.
        Assert.DoesNotMatch(@"\b(HOST|PORT|RULE|FINGERPRINT|LISTENER|CLUSTER|DESTINATION)\b", known);
    }
}
