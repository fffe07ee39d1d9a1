using SmtpProxy.Sessions.Guard;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>Whose turn it is among replies of the relay.</summary>
public sealed class OwnAnswersTests
{
    [Fact]
    public void Answer_IsDueWhenTheNextReplyIsItsOwn_AndNotBefore()
    {
        var own = default(OwnAnswers);
        Assert.False(own.IsDue(0));
        own.Add(0, OwnAnswer.NotForYou, isPlain: false);
        own.Add(3, OwnAnswer.StartTls, isPlain: true);
        own.Add(4, OwnAnswer.TooLong, isPlain: false);
        Assert.Equal(3, own.Count);
        Assert.True(own.IsDue(0));
        Assert.Equal((OwnAnswer.NotForYou, false), own.Take());
        Assert.False(own.IsDue(1));
        Assert.False(own.IsDue(2));
        Assert.True(own.IsDue(3));
        Assert.Equal((OwnAnswer.StartTls, true), own.Take());
        Assert.True(own.IsDue(4));
        Assert.Equal(1, own.Count);
    }

    /// <summary>A 421 that nobody asked for answers whatever was next.</summary>
    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 0)]
    [InlineData(-1, 0)]
    public void Answer_WhoseCommandWasAnsweredByAnother_IsForgotten(int awaited, int left)
    {
        var own = default(OwnAnswers);
        own.Add(2, OwnAnswer.TlsFirst, isPlain: false);
        own.Add(4, OwnAnswer.NotForYou, isPlain: false);
        Assert.Equal(awaited == 4, own.IsDue(awaited));
        Assert.Equal(left, own.Count);
    }

    [Fact]
    public void Answers_ThatNobodyWaitsFor_AreNeverDue()
    {
        var own = default(OwnAnswers);
        own.Clear();
        own.Add(2, OwnAnswer.TlsFirst, isPlain: false);
        own.Clear();
        Assert.Equal(0, own.Count);
        Assert.False(own.IsDue(2));
    }
}
