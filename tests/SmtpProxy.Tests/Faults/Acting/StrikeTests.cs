using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults.Acting;

/// <summary>What was decided at a command and what is decided at its reply become one.</summary>
public sealed class StrikeTests
{
    private static readonly ReplyPlan Plan = static _ => [];
    private static readonly ReplyPlan OtherPlan = static _ => [];

    /// <summary>Each of them by itself: the earlier one stands, and where there is none the later one.</summary>
    [Theory]
    [InlineData("reply")]
    [InlineData("throttle")]
    [InlineData("capabilities")]
    public void Join_OfALaterStrike_AddsWhatTheEarlierHasNot(string means)
    {
        Strike With(bool isFirst) => means switch
        {
            "reply" => new Strike { Reply = isFirst ? Plan : OtherPlan },
            "throttle" => new Strike { Throttle = new ThrottleSpec(isFirst ? 1 : 2, 1, true, true) },
            _ => new Strike { Capabilities = new CapabilityEdits([], isFirst ? 1 : 2) },
        };

        static object Of(Strike strike) => (strike.Reply, strike.Throttle, strike.Capabilities?.MaxSize);

        var (earlier, empty) = (With(isFirst: true), new Strike());
        earlier.Join(With(isFirst: false));
        empty.Join(With(isFirst: false));
        Assert.Equal((Of(With(isFirst: true)), Of(With(isFirst: false))), (Of(earlier), Of(empty)));
    }

    [Fact]
    public void Join_OfDelays_AddsThemUp()
    {
        var strike = new Strike { BeforeReply = TimeSpan.FromSeconds(1) };
        strike.Join(new Strike { BeforeReply = TimeSpan.FromSeconds(2) });
        Assert.Equal(TimeSpan.FromSeconds(3), strike.BeforeReply);
    }
}
