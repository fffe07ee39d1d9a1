using SmtpProxy.Cli.Watching;

namespace SmtpProxy.Tests.Cli;

public sealed class FilterPromptTests
{
    [Theory]
    [InlineData("relay=mx1 code=4xx,5xx", "relay=mx1&code=4xx%2C5xx")]
    [InlineData("  --slower-than=500   faulted ", "slower_than=500&faulted=true")]
    [InlineData("client=192.0.2.0/24", "client=192.0.2.0%2F24")]
    [InlineData("a=b&c", "a=b%26c")]
    [InlineData("", "")]
    public void Filter_AsItIsTyped_IsAQueryOfTheApi(string typed, string query) => Assert.Equal(query, FilterPrompt.QueryOf(typed));

    [Fact]
    public void Query_IsShownAsItWouldBeTyped() => Assert.Equal("relay=mx1 code=4xx,5xx", FilterPrompt.Of("relay=mx1&code=4xx%2C5xx"));

    [Fact]
    public void Keys_ChangeTheLine_UntilItIsAppliedOrGivenUp()
    {
        var prompt = new FilterPrompt("tls=none");
        Assert.Null(prompt.Press(new ConsoleKeyInfo('\u0015', ConsoleKey.U, shift: false, alt: false, control: true)));
        Assert.All("code=55", c => Assert.Null(prompt.Press(new ConsoleKeyInfo(c, ConsoleKey.NoName, false, false, false))));
        Assert.Null(prompt.Press(new ConsoleKeyInfo('\b', ConsoleKey.Backspace, false, false, false)));
        Assert.Equal("code=5", prompt.Text);
        Assert.True(prompt.Press(new ConsoleKeyInfo('\r', ConsoleKey.Enter, false, false, false)));
        Assert.False(prompt.Press(new ConsoleKeyInfo('\u001b', ConsoleKey.Escape, false, false, false)));
    }
}
