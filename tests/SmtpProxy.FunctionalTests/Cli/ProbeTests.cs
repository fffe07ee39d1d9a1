using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary>The command <c>probe</c>: what scripts get of it.</summary>
public sealed class ProbeTests
{
    [Fact]
    public async Task Server_ThatAsksForTheMessage_IsGood_AndHeardNoneOfIt()
    {
        var heard = new List<string>();
        await using var relay = new TalkingRelay(command =>
        {
            lock (heard)
            {
                heard.Add(command);
            }

            return TalkingRelay.Yes(command);
        });
        var (code, output, errors) = await ProxyProcess.RunAsync("probe", relay.Address, "--name", "me.test", "--count", "2", "--interval",
            "1ms", "--json");
        Assert.Equal((0, ""), (code, errors));
        var lines = output.TrimEnd().Split('\n').Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(["connect", "greeting", "ehlo", "mail", "rcpt", "data", "close"],
            lines[0].GetProperty("steps").EnumerateArray().Select(static s => s.GetProperty("operation").GetString()));
        Assert.Equal(2, lines[2].GetProperty("statistics").GetProperty("good").GetInt32());
        await relay.DisposeAsync();
        string[] once = ["", "EHLO me.test", "MAIL FROM:<>", "RCPT TO:<Postmaster>", "DATA"];
        Assert.Equal([.. once, .. once], heard);
    }

    [Theory]
    [InlineData("450 4.2.0 Greylisted", 3, "greylisted")]
    [InlineData("550 5.1.1 no such user", 2, "recipient_unknown")]
    public async Task Refusal_IsToldInWordsAndByTheExitCode(string reply, int exit, string diagnosis)
    {
        await using var relay = new TalkingRelay(command => command.StartsWith("RCPT", StringComparison.Ordinal)
            ? reply : TalkingRelay.Yes(command));
        var (code, output, errors) = await ProxyProcess.RunAsync("probe", relay.Address);
        Assert.Equal((exit, ""), (code, errors));
        Assert.Contains(reply, output, StringComparison.Ordinal);
        Assert.Contains($"diagnosis     {diagnosis}: ", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', output);
    }

    [Theory]
    [InlineData("smtpproxy probe: write which SERVER")]
    [InlineData("the server \"mx\" is not an SMTP address; write smtp://mx", "mx")]
    [InlineData("--to: write an address such as me@example.org", "smtp://127.0.0.1", "--to", "a@b>\r\nDATA")]
    [InlineData("--starttls and --no-starttls exclude each other", "smtp://127.0.0.1", "--starttls", "--no-starttls")]
    [InlineData("--interval x: write a number and ms, s or m", "smtp://127.0.0.1", "--interval", "x")]
    public async Task CommandLine_WithAMistake_IsRefusedWithTheRemedy(string problem, params string[] args)
    {
        var (code, output, errors) = await ProxyProcess.RunAsync(["probe", .. args]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(problem, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_TeachesThatNothingIsSent_AndTheExitCodes()
    {
        var (code, output, _) = await ProxyProcess.RunAsync("probe", "--help");
        Assert.Equal(0, code);
        Assert.All((string[])["NO MESSAGE IS SENT", "--score", "--starttls", "RFC 5321 4.1.1.10", "Exit codes", "jq"],
            word => Assert.Contains(word, output, StringComparison.Ordinal));
    }
}
