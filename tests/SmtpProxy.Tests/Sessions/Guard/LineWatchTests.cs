using System.Text;
using SmtpProxy.Sessions.Guard;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>Commands in octets that pass, wherever some relay begins a line.</summary>
public sealed class LineWatchTests
{
    private const GuardedWords All = GuardedWords.StartTls | GuardedWords.XClient | GuardedWords.XForward;

    [Theory]
    [InlineData("XCLIENT ADDR", false, "XClient")]
    [InlineData("xforward\tADDR", false, "XForward")]
    [InlineData("STARTTLS\r", false, "StartTls")]
    [InlineData("XCLIENT\n", false, "XClient")]
    [InlineData("XCLIENT", false, "None")]
    [InlineData("XCLIENTS ", false, "None")]
    [InlineData("XCLIEN ", false, "None")]
    [InlineData("y XCLIENT ", false, "None")]
    [InlineData("yXCLIENT ", false, "None")]
    [InlineData("y XCLIENT A\r\n", false, "None")]
    [InlineData("yXCLIENT A\r\n.\n", false, "None")]
    [InlineData(" \t XCLIENT ", false, "XClient")]
    [InlineData("y\nXCLIENT ", false, "XClient")]
    [InlineData("y\rXCLIENT ", false, "XClient")]
    [InlineData("y\0XCLIENT ", false, "XClient")]
    [InlineData("XCLI\nXCLIENT ", false, "XClient")]
    [InlineData("XCLI\rENT ", false, "None")]
    [InlineData("BDAT 5 ", false, "None")]
    [InlineData("XCLIENT\r\n", true, "None")]
    [InlineData("XCLIENT\n", true, "None")]
    [InlineData("XCLIENT ", true, "XClient")]
    [InlineData("y\rXCLIENT\n", true, "XClient")]
    [InlineData("\rXCLIENT\n", true, "None")]
    [InlineData("y\nXCLIENT\r", true, "None")]
    public void Octets_HoweverTheyAreCut_ShowTheFirstThatTheyComplete(string octets, bool isResponse, string expected)
    {
        var text = Encoding.Latin1.GetBytes(octets);
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var watch = default(LineWatch);
            var found = watch.Finds(text.AsSpan(0, cut), All, isResponse);
            found = found == GuardedWords.None ? watch.Finds(text.AsSpan(cut), All, isResponse) : found;
            Assert.Equal(expected, found.ToString());
        }

        var single = default(LineWatch);
        Assert.Equal(expected, text.Select(octet => single.Finds([octet], All, isResponse)).FirstOrDefault(static w => w != 0).ToString());
    }

    [Fact]
    public void Command_ThatIsNotLookedFor_IsNotFound()
    {
        var watch = default(LineWatch);
        Assert.Equal(GuardedWords.None, watch.Finds("XCLIENT ADDR\r\nSTARTTLS\r\n"u8, GuardedWords.XForward));
        Assert.Equal(GuardedWords.Bdat, watch.Finds("BDAT 5\r\n"u8, GuardedWords.Bdat));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(" \t", true)]
    [InlineData("X", false)]
    [InlineData("y", false)]
    [InlineData("yes\n", true)]
    [InlineData("yes\r", true)]
    [InlineData("yes\0", true)]
    [InlineData("yes\n y", false)]
    public void Start_OfALine_IsWhereNothingButBlanksWasSeen(string octets, bool expected)
    {
        var watch = default(LineWatch);
        watch.Finds(Encoding.Latin1.GetBytes(octets), All);
        Assert.Equal(expected, watch.IsAtStart);
    }
}
