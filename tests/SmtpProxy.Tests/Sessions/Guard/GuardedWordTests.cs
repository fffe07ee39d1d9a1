using System.Text;
using SmtpProxy.Sessions.Guard;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>Lines that begin like a guarded command.</summary>
public sealed class GuardedWordTests
{
    private const GuardedWords All = GuardedWords.StartTls | GuardedWords.XClient | GuardedWords.XForward;

    [Theory]
    [InlineData("XCLIENT ADDR=1.2.3.4\r\n", nameof(GuardedWords.XClient))]
    [InlineData("xClIeNt\n", nameof(GuardedWords.XClient))]
    [InlineData("XCLIENT\tADDR=1.2.3.4\r\n", nameof(GuardedWords.XClient))]
    [InlineData("XCLIENT\rADDR=1.2.3.4\r\n", nameof(GuardedWords.XClient))]
    [InlineData("XCLIENT\0\r\n", nameof(GuardedWords.XClient))]
    [InlineData(" \t\v\r\0\u007fXCLIENT A\r\n", nameof(GuardedWords.XClient))]
    [InlineData("XFORWARD ADDR=1.2.3.4\r\n", nameof(GuardedWords.XForward))]
    [InlineData("STARTTLS\r\n", nameof(GuardedWords.StartTls))]
    [InlineData("XCLIENTS\r\n", nameof(GuardedWords.None))]
    [InlineData("XCLIENT-1\r\n", nameof(GuardedWords.None))]
    [InlineData("XCL\r\n", nameof(GuardedWords.None))]
    [InlineData("NOOP XCLIENT\r\n", nameof(GuardedWords.None))]
    [InlineData("\r\n", nameof(GuardedWords.None))]
    public void Line_Whole_IsTheCommandThatSomeRelayCouldTakeItFor(string line, string expected)
    {
        Assert.Equal(expected, GuardedWord.Of(Encoding.Latin1.GetBytes(line), All, out var isOpen).ToString());
        Assert.False(isOpen);
    }

    [Fact]
    public void Line_BegunLikeOne_IsOpenUntilAnOctetDecides()
    {
        const string Verb = "xclient";
        for (var length = 1; length <= Verb.Length; length++)
        {
            Assert.Equal(GuardedWords.None, GuardedWord.Of(Encoding.Latin1.GetBytes(Verb[..length]), All, out var isOpen));
            Assert.True(isOpen);
        }

        Assert.Equal(GuardedWords.None, GuardedWord.Of("XD"u8, All, out var other));
        Assert.False(other);
        Assert.Equal(GuardedWords.None, GuardedWord.Of("xclient"u8, GuardedWords.StartTls, out var unguarded));
        Assert.False(unguarded);
    }

    [Theory]
    [InlineData("Subject: x\r\n\r\nbody\r\n.\r\n", 23)]
    [InlineData("Subject: x\r\n\r\nbod", 17)]
    [InlineData("a\r\nXCLIENT b\r\n", 3)]
    [InlineData("a\nXCL", 2)]
    [InlineData("a\r\n  XC", 5)]
    [InlineData("BDAT 5\r\nabcdeXCLIENT ADDR=203.0.113.1\r\n", 8)]
    public void Lines_UpToOneThatMayBeGuarded_GoAhead_HoweverTheyAreCut(string text, int expected)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        Assert.Equal(expected, GuardedWord.Before(octets, All, 0));
        var gone = 0;
        for (var length = 1; length <= octets.Length; length++)
        {
            gone = GuardedWord.Before(octets.AsSpan(0, length), All, gone);
        }

        Assert.Equal(expected, gone);
    }

    [Theory]
    [InlineData("abcXCLIENT ADDR", true)]
    [InlineData("abcxforward\r\n", true)]
    [InlineData("the XCLIENT, and XFORWARDs", false)]
    [InlineData("xxxXXCLIEN", false)]
    [InlineData("no such thing", false)]
    public void Octets_OfWhichNobodyKnowsWhatTheyAre_ShowACommandAnywhere_HoweverTheyAreCut(string text, bool expected)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var watch = default(WordWatch);
            var found = false;
            for (var at = 0; at < octets.Length;)
            {
                var length = seed == 0 ? octets.Length : random.Next(1, Math.Min(octets.Length - at, 12) + 1);
                found |= watch.Finds(octets.AsSpan(at, length), All);
                at += length;
            }

            Assert.Equal(expected, found);
        }
    }
}
