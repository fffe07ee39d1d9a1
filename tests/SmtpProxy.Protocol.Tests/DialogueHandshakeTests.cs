using System.Text;

namespace SmtpProxy.Protocol.Tests;

/// <summary>The client's TLS ends at who follows the dialogue: what the relay says while the client shakes hands is said in
/// SMTP, and answers nothing.</summary>
public sealed class DialogueHandshakeTests
{
    [Theory]
    [InlineData("421 4.3.2 bye\r\n", "unsolicited-421", FinalState.Closing421)]
    [InlineData("421-4.3.2 good\r\n421 4.3.2 bye\r\n", "unsolicited-421", FinalState.Closing421)]
    [InlineData("050 nothing\r\n", "reply-code-out-of-range", FinalState.Command)]
    public void Relay_SpeaksWhileTheClientShakesHandsHere_InjectsNothing(string says, string anomalies, FinalState state)
    {
        var octets = Encoding.ASCII.GetBytes(says);
        for (var piece = 1; piece <= octets.Length; piece++)
        {
            for (var secured = 0; secured <= octets.Length; secured++)
            {
                var (record, dialogue) = Begin();
                Say(dialogue, octets.AsSpan(0, secured), piece);
                dialogue.Secured();
                Say(dialogue, octets.AsSpan(secured), piece);
                dialogue.Finish();

                Assert.Equal((anomalies, state), (record.Anomalies, dialogue.FinalState));
            }
        }
    }

    [Fact]
    public void Relay_ClosesAndTheHandshakeNeverEnds_IsClosing()
    {
        var (record, dialogue) = Begin();
        Say(dialogue, "421 4.3.2 bye\r\n"u8, 3);
        dialogue.Finish();

        Assert.Equal(("unsolicited-421", FinalState.Closing421, OpaqueReason.Tls),
            (record.Anomalies, dialogue.FinalState, dialogue.Opaque));
    }

    [Fact]
    public void Relay_SaysWhatLooksLikeAReplyToTheFirstCommandInside_IsOutOfStepFromThere()
    {
        var (record, dialogue) = Begin();
        Say(dialogue, "250 fine\r\n"u8, 4);
        dialogue.Secured();
        dialogue.FromClient("EHLO inside\r\n"u8);
        dialogue.Finish();

        Assert.Equal(("unsolicited-reply", OpaqueReason.Desynchronised), (record.Anomalies, dialogue.Opaque));
    }

    [Fact]
    public void StartTls_OfTheRelay_IsWatchedAsBefore()
    {
        var record = new Recorder();
        var dialogue = Greeted(record);
        dialogue.FromRelay("220 go\r\n421 bye\r\n"u8);
        dialogue.Finish();

        Assert.Equal(("starttls-injection-server", FinalState.Tls), (record.Anomalies, dialogue.FinalState));
    }

    [Theory]
    [InlineData(true, TlsState.StartTls)]
    [InlineData(false, TlsState.Implicit)]
    public void StartTls_IsRefusedInsideTls_StaysTls(bool afterStartTls, TlsState tls)
    {
        var dialogue = afterStartTls ? Begin().Dialogue : new Dialogue(new Recorder { EndsTls = true }, DialogueLimits.Default);
        if (!afterStartTls)
        {
            dialogue.Start();
        }

        dialogue.Secured();
        if (!afterStartTls)
        {
            dialogue.FromRelay("220 x\r\n"u8);
        }

        dialogue.FromClient("STARTTLS\r\n"u8);
        dialogue.FromRelay("503 5.5.1 TLS is already active\r\n"u8);

        Assert.Equal(tls, dialogue.Tls);
    }

    private static (Recorder Record, Dialogue Dialogue) Begin()
    {
        var record = new Recorder { EndsTls = true };
        var dialogue = Greeted(record);
        dialogue.EndTlsHere();
        dialogue.FromRelay("220 go\r\n"u8);
        return (record, dialogue);
    }

    private static Dialogue Greeted(Recorder record)
    {
        var dialogue = new Dialogue(record, DialogueLimits.Default);
        dialogue.Start();
        dialogue.FromRelay("220 x\r\n"u8);
        dialogue.FromClient("STARTTLS\r\n"u8);
        return dialogue;
    }

    private static void Say(Dialogue dialogue, ReadOnlySpan<byte> octets, int piece)
    {
        for (; !octets.IsEmpty; octets = octets[Math.Min(piece, octets.Length)..])
        {
            dialogue.FromRelay(octets[..Math.Min(piece, octets.Length)]);
        }
    }
}
