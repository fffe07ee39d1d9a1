using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>A failure inside never reaches the session (PROTOCOL 1.7), and nothing of one dialogue is left in the next.</summary>
public sealed class DialogueFailureTests
{
    [Fact]
    public void Observer_ThatAlwaysFails_EndsInOpaqueAndOctetsAreCounted()
    {
        var observer = new Failing();
        var dialogue = new Dialogue(observer, DialogueLimits.Default);
        dialogue.Start();
        observer.Fails = true;

        Assert.Equal(7, dialogue.FromRelay("220 x\r\n"u8));
        Assert.Equal(OpaqueReason.InternalError, dialogue.Opaque);
        Assert.Equal(8, dialogue.FromClient("EHLO c\r\n"u8));
        dialogue.Finish();
        Assert.Equal(FinalState.Opaque, dialogue.FinalState);
        Assert.Equal(7, dialogue.Octets(Leg.Relay));
        Assert.Equal(8, dialogue.Octets(Leg.Client));
    }

    [Fact]
    public void Opaque_MadeByTheServer_KeepsNothingOfTheClient()
    {
        var dialogue = new Dialogue(new Recorder(), DialogueLimits.Default);
        dialogue.Start();
        dialogue.FromRelay("220 x\r\n"u8);
        dialogue.FromClient("NOO"u8);
        dialogue.FromRelay("250 what\r\n"u8);

        Assert.Equal(OpaqueReason.Desynchronised, dialogue.Opaque);
        Assert.False(dialogue.InsideCommand);
    }

    [Fact]
    public void Reset_WithinAnEhloReply_LeavesNoCapability()
    {
        var dialogue = new Dialogue(new Recorder(), DialogueLimits.Default);
        dialogue.Start();
        dialogue.FromRelay("220 x\r\n"u8);
        dialogue.FromClient("EHLO c\r\n"u8);
        dialogue.FromRelay("250-x\r\n250-PIPELINING\r\n"u8);
        var record = new Recorder();
        dialogue.Reset(record);
        dialogue.Start();
        dialogue.FromRelay("220 x\r\n"u8);
        dialogue.FromClient("EHLO c\r\n"u8);
        dialogue.FromRelay("250 x\r\n"u8);
        dialogue.FromClient("RSET\r\nRSET\r\n"u8);

        Assert.Equal("pipelining-unadvertised", record.Anomalies);
    }

    private sealed class Failing : IDialogueObserver
    {
        public bool Fails { get; set; }

        public void Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments) => Act();

        public void CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text) => Act();

        public void Continued(ref Exchange exchange, in Reply reply) => Act();

        public void Responded(ref Exchange exchange) => Act();

        public void BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets) => Act();

        public void ChunkEnded(ref Exchange bdat) => Act();

        public void Answered(ref Exchange exchange, in Reply reply) => Act();

        public void Unanswered(ref Exchange exchange) => Act();

        public void Unsolicited(in Reply reply) => Act();

        public void TransactionOpened(in Transaction transaction) => Act();

        public void TransactionEnded(in Transaction transaction) => Act();

        public void Anomalous(Anomaly anomaly, Leg leg, long octet) => Act();

        public void BecameOpaque(OpaqueReason reason, Leg leg, long octet) => Act();

        private void Act()
        {
            if (Fails)
            {
                throw new InvalidOperationException("observer");
            }
        }
    }
}
