using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Protocol.Tests.Exchanges;

public sealed class TransactionTrackerTests
{
    private readonly TransactionTracker _tracker = new(new ExchangeMemory());

    [Theory]
    [InlineData(new[] { 250 }, TransactionOutcome.Delivered, 0)]
    [InlineData(new[] { 299 }, TransactionOutcome.Delivered, 0)]
    [InlineData(new[] { 300 }, TransactionOutcome.Failed, 0)]
    [InlineData(new[] { 399 }, TransactionOutcome.Failed, 0)]
    [InlineData(new[] { 400 }, TransactionOutcome.Failed, 400)]
    [InlineData(new[] { 599 }, TransactionOutcome.Failed, 599)]
    [InlineData(new[] { 600 }, TransactionOutcome.Failed, 0)]
    [InlineData(new[] { 550, 250 }, TransactionOutcome.Partial, 550)]
    [InlineData(new[] { 550, 450 }, TransactionOutcome.Failed, 450)]
    [InlineData(new[] { 500, 499 }, TransactionOutcome.Failed, 499)]
    [InlineData(new[] { 450, 550 }, TransactionOutcome.Failed, 450)]
    [InlineData(new[] { 450, 451 }, TransactionOutcome.Failed, 450)]
    [InlineData(new[] { 550, 500 }, TransactionOutcome.Failed, 550)]
    [InlineData(new int[0], TransactionOutcome.Aborted, 0)]
    public void Outcome_OfReplies_IsWhatTheySayTogether(int[] codes, TransactionOutcome outcome, int refusal)
    {
        Begin();
        foreach (var code in codes)
        {
            _tracker.Final((ushort)code);
        }

        var closed = _tracker.Close(TransactionEnd.FinalReply, owed: false);
        Assert.Equal((outcome, refusal, codes.LastOrDefault()), (closed.Outcome, closed.RefusalCode, closed.FinalCode));
        Assert.False(_tracker.IsOpen);
    }

    [Theory]
    [InlineData(399, false, TransactionOutcome.Aborted, 0)]
    [InlineData(400, false, TransactionOutcome.Failed, 400)]
    [InlineData(599, false, TransactionOutcome.Failed, 599)]
    [InlineData(600, false, TransactionOutcome.Aborted, 0)]
    [InlineData(552, true, TransactionOutcome.Aborted, 552)]
    public void Outcome_OfAChunkThatIsRefused_IsFailed_UnlessItIsTheLast(int code, bool last, TransactionOutcome outcome, int refusal)
    {
        Begin();
        _tracker.Chunk(new Exchange { Verb = Verb.Bdat, Size = 5, Last = last }, (ushort)code);
        var closed = _tracker.Close(TransactionEnd.Reset, owed: false);
        Assert.Equal((outcome, refusal, Via.Bdat, -1L), (closed.Outcome, closed.RefusalCode, closed.Via, closed.WireOctets));
    }

    [Fact]
    public void Refusal_OfAChunk_StaysTheReason()
    {
        Begin();
        _tracker.Chunk(new Exchange { Verb = Verb.Bdat, Size = 5 }, 552);
        _tracker.Final(451);
        Assert.Equal(552, _tracker.Close(TransactionEnd.FinalReply, owed: false).RefusalCode);
    }

    [Theory]
    [InlineData(TransactionEnd.Opaque, false, TransactionOutcome.Unknown)]
    [InlineData(TransactionEnd.ConnectionEnded, true, TransactionOutcome.Unknown)]
    [InlineData(TransactionEnd.ConnectionEnded, false, TransactionOutcome.Aborted)]
    public void Outcome_WithoutAReply_DependsOnHowItEnds(TransactionEnd end, bool owed, TransactionOutcome outcome)
    {
        Begin();
        var closed = _tracker.Close(end, owed);
        Assert.Equal((outcome, end, owed), (closed.Outcome, closed.End, closed.IsOwed));
    }

    [Fact]
    public void Size_OfChunks_IsTheirSum()
    {
        Begin();
        _tracker.Chunk(new Exchange { Verb = Verb.Bdat, Size = 5 }, 250);
        _tracker.Chunk(new Exchange { Verb = Verb.Bdat, Size = 7, Last = true }, 299);
        var closed = _tracker.Close(TransactionEnd.FinalReply, owed: false);
        Assert.Equal((12L, 12L, Via.Bdat), (closed.WireOctets, closed.MessageOctets, closed.Via));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Size_WithBurl_IsNotKnown_UntilABodyBeginsAnew(bool again)
    {
        Begin();
        _tracker.Chunk(new Exchange { Verb = Verb.Bdat, Size = 5 }, 250);
        _tracker.Chunk(new Exchange { Verb = Verb.Burl }, 250);
        Assert.Equal(Via.Burl, _tracker.Open.Via);
        if (again)
        {
            _tracker.BodyBegins();
            _tracker.BodyEnds(11, 9);
        }

        var closed = _tracker.Close(TransactionEnd.FinalReply, owed: false);
        Assert.Equal(again ? (11L, 9L, Via.Data) : (-1L, -1L, Via.Burl), (closed.WireOctets, closed.MessageOctets, closed.Via));
    }

    [Fact]
    public void Size_OfABodyThatDoesNotEnd_IsNotKnown()
    {
        Begin();
        _tracker.Chunk(new Exchange { Verb = Verb.Bdat, Size = 5 }, 250);
        _tracker.BodyBegins();
        var closed = _tracker.Close(TransactionEnd.ConnectionEnded, owed: false);
        Assert.Equal((-1L, -1L), (closed.WireOctets, closed.MessageOctets));
    }

    [Fact]
    public void Chunk_ThatWasSent_SaysHow_UnlessThatIsKnown()
    {
        _tracker.ChunkSent();
        Assert.Equal(Via.None, _tracker.Open.Via);
        Begin();
        Assert.Equal(Via.None, _tracker.Open.Via);
        _tracker.ChunkSent();
        Assert.Equal(Via.Bdat, _tracker.Open.Via);
        _tracker.BodyBegins();
        _tracker.ChunkSent();
        Assert.Equal(Via.Data, _tracker.Open.Via);
    }

    [Fact]
    public void Facts_OutsideATransaction_AreNobodys()
    {
        _tracker.Recipient(3, accepted: true);
        _tracker.Recipient(4, accepted: false);
        _tracker.Chunk(new Exchange { Verb = Verb.Bdat, Size = 5 }, 552);
        _tracker.Final(550);
        Assert.Equal((0, 0, Via.None, 0, 0, false), (_tracker.Open.Accepted, _tracker.Open.Rejected, _tracker.Open.Via,
            _tracker.Open.RefusalCode, _tracker.Open.FinalCode, _tracker.AsksPerRecipient));
    }

    [Fact]
    public void Transaction_AfterAnother_BeginsWithNothingOfIt()
    {
        Begin(lmtp: true);
        _tracker.Recipient(3, accepted: true);
        _tracker.Recipient(4, accepted: false);
        Assert.Equal((3, -1), (_tracker.AcceptedIndex(0), _tracker.AcceptedIndex(1)));
        _tracker.Chunk(new Exchange { Verb = Verb.Bdat, Size = 5 }, 250);
        _tracker.Chunk(new Exchange { Verb = Verb.Bdat, Size = 5 }, 550);
        _tracker.Chunk(new Exchange { Verb = Verb.Burl }, 250);
        _tracker.Final(250);
        _tracker.Final(550);
        var first = _tracker.Close(TransactionEnd.FinalReply, owed: false);
        Assert.Equal((8, 1, 1, TransactionOutcome.Partial), (first.MailIndex, first.Accepted, first.Rejected, first.Outcome));
        Assert.Equal(-1, _tracker.AcceptedIndex(0));

        Begin(lmtp: true);
        Assert.Equal(-1, _tracker.AcceptedIndex(0));
        _tracker.BodyEnds(3, 2);
        var second = _tracker.Close(TransactionEnd.Reset, owed: false);
        Assert.Equal((0, 0, 0, 0, TransactionOutcome.Aborted, 3L),
            (second.Accepted, second.Rejected, second.RefusalCode, second.FinalCode, second.Outcome, second.WireOctets));
    }

    [Theory]
    [InlineData(false, false, -1)]
    [InlineData(true, false, 3)]
    [InlineData(false, true, 3)]
    public void Recipients_AreListed_WhereEachHasAReply(bool prdr, bool lmtp, int index)
    {
        _tracker.Begin(new Exchange { Index = 8, PerRecipient = prdr, UsesUtf8 = prdr }, lmtp);
        _tracker.Recipient(3, accepted: true);
        Assert.Equal((index, prdr, prdr), (_tracker.AcceptedIndex(0), _tracker.AsksPerRecipient, _tracker.UsesUtf8));
        _tracker.Forget();
        Assert.Equal((-1, 1), (_tracker.AcceptedIndex(0), _tracker.Open.Accepted));
        _tracker.Close(TransactionEnd.Reset, owed: false);
        Assert.Equal((false, false), (_tracker.AsksPerRecipient, _tracker.UsesUtf8));
    }

    private void Begin(bool lmtp = false) => _tracker.Begin(new Exchange { Index = 8 }, lmtp);
}
