using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>What the client sent before the reply came that says what it is: held here, or kept by the caller and shown again.</summary>
public sealed class DialogueHeldTests
{
    /// <summary>What is sent ahead of which reply, and what it comes to: exchanges, anomalies with their
    /// positions behind what was held.</summary>
    public static TheoryData<string, string, string, string> Held => new()
    {
        { "C:DATA|", "RSET\nNO\rOP\r\n", "S:503 no|", "DATA:503 RSET:-p NO:-p" },
        { "C:DATA|", "te\nxt\r\n.\r\n", "S:354 go|", "DATA:354 .:-p" },
        { "C:DATA|", "", "S:354 go|", "DATA:354" },
        { "C:AUTH LOGIN|", "eA==\n", "S:334 a|", "AUTH:-" },
        { "C:AUTH LOGIN|", "RSET\n", "S:535 no|", "AUTH:535 RSET:-p" },
        { "C:STARTTLS|", "RSET\n", "S:454 no|", "STARTTLS:454 RSET:-p" },
    };

    /// <summary>Held, and shown again by the caller, come to the same exchanges, bodies, and anomalies at the same octets; those about
    /// what stands ahead of a reply are told either way.</summary>
    [Theory]
    [MemberData(nameof(Held))]
    public void Octets_AheadOfAReply_AreReadAsWhatTheyTurnOutToBe(string before, string ahead, string reply, string exchanges)
    {
        var octets = Encoding.Latin1.GetBytes(ahead);
        var held = Play(before, octets, reply, isShownAgain: false, out var at);
        var kept = Play(before, octets, reply, isShownAgain: true, out _);

        Assert.Equal($"HELO:250 {exchanges}", held.Exchanges);
        Assert.Equal($"HELO:250 {exchanges}", kept.Exchanges);
        Assert.Equal(held.Facts, kept.Facts);
        Assert.Equal(held.Positions.Order(StringComparer.Ordinal), kept.Positions.Order(StringComparer.Ordinal));
        var first = ahead.IndexOf('\n', StringComparison.Ordinal);
        if (exchanges.Contains("RSET", StringComparison.Ordinal))
        {
            Assert.Contains($"bare-lf-command Client {at}", held.Positions);
        }

        if (ahead.Contains("NO\r", StringComparison.Ordinal))
        {
            Assert.Contains($"bare-cr-command Client {at + first + 1}", held.Positions);
        }
    }

    [Fact]
    public void Turn_AfterOctetsThatAreShownAgain_IsTheRelays()
    {
        var dialogue = Begin(new Recorder(), "C:DATA|");
        dialogue.SentAhead("RSET\r\n"u8);

        Assert.Equal((Leg.Relay, ClientPhase.Held), (dialogue.Turn, dialogue.ClientPhase));
        dialogue.FromRelay("421 bye\r\n"u8);
        Assert.Equal(ClientPhase.Command, dialogue.ClientPhase);
    }

    /// <summary>Where the client's octets are not held, there is nothing that could be shown again.</summary>
    [Fact]
    public void SentAhead_OfWhatIsNotHeld_ChangesNothing()
    {
        var record = new Recorder();
        var dialogue = Begin(record, "");
        var at = dialogue.Octets(Leg.Client);
        dialogue.SentAhead("RSET\r\n"u8);
        dialogue.FromClient("RSET\n"u8);

        Assert.Contains($"bare-lf-command Client {at}", record.Positions);
    }

    private static Recorder Play(string before, byte[] ahead, string reply, bool isShownAgain, out long at)
    {
        var record = new Recorder();
        var dialogue = Begin(record, before);
        at = dialogue.Octets(Leg.Client);
        if (isShownAgain)
        {
            dialogue.SentAhead(ahead);
        }
        else
        {
            Assert.Equal(ahead.Length, dialogue.FromClient(ahead));
        }

        Say(dialogue, reply);
        if (isShownAgain)
        {
            dialogue.FromClient(ahead);
        }

        dialogue.Finish();
        return record;
    }

    private static Dialogue Begin(Recorder record, string text)
    {
        var dialogue = new Dialogue(record, DialogueLimits.Default);
        dialogue.Start();
        Say(dialogue, "S:220 x|C:HELO c|S:250 x|");
        Say(dialogue, text);
        return dialogue;
    }

    private static void Say(Dialogue dialogue, string text)
    {
        foreach (var (leg, octets) in Talk.Read(text))
        {
            _ = leg == Leg.Client ? dialogue.FromClient(octets) : dialogue.FromRelay(octets);
        }
    }
}
