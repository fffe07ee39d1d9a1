using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary><c>check --json</c>: one object, whatever comes of it.</summary>
public sealed class CheckJsonTests
{
    [Fact]
    public async Task Check_OfAConfigurationThatIsGood_SaysWhatWouldRun_AndNoSecret()
    {
        var (code, output, errors) = await ProxyProcess.RunAsync(
            "check", "--json", "--relay", "smtp://192.0.2.25", "--listen", "127.0.0.1:2599", "--SmtpProxy:Limits:MaxSessions=0",
            "--SmtpProxy:Admin:BearerToken=0123456789abcdef0123");
        Assert.Equal((0, ""), (code, errors));
        var said = JsonElement.Parse(output);
        Assert.True(said.GetProperty("good").GetBoolean());
        var listener = said.GetProperty("listeners")[0];
        Assert.Equal(("inbound", "127.0.0.1:2599"), (listener.GetProperty("name").GetString(),
            listener.GetProperty("address").GetString()));
        Assert.Equal("smtp://192.0.2.25", listener.GetProperty("relays")[0].GetProperty("address").GetString());
        Assert.Contains(said.GetProperty("warnings").EnumerateArray(), static w => w.GetString()!.Contains("0 is no limit",
            StringComparison.Ordinal));
        Assert.Equal(JsonValueKind.Null, said.GetProperty("relays").ValueKind);
        Assert.DoesNotContain("0123456789abcdef", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfOneThatIsNot_SaysWhatIsWrong_AndTheCodeIsOne()
    {
        var (code, output, errors) = await ProxyProcess.RunAsync("check", "--json", "--SmtpProxy:Limits:MaxSessions=many");
        Assert.Equal((1, ""), (code, errors));
        var said = JsonElement.Parse(output);
        Assert.False(said.GetProperty("good").GetBoolean());
        Assert.Contains("SmtpProxy:Limits:MaxSessions", said.GetProperty("problems")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_ThatAsks_HasWhatRelaysAnswered_AndTheCodeIsTwoWhereOneDoesNotServe()
    {
        var (code, output, errors) = await ProxyProcess.RunAsync("check", "--json", "--ask", "--relay",
            $"smtp://127.0.0.1:{FreePort.Next()}");
        Assert.Equal((2, ""), (code, errors));
        var relay = JsonElement.Parse(output).GetProperty("relays")[0];
        Assert.False(relay.GetProperty("serves").GetBoolean());
        Assert.StartsWith("cannot be connected to", relay.GetProperty("failure").GetString(), StringComparison.Ordinal);
    }
}
