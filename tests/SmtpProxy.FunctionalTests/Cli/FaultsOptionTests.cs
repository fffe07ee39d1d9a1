using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary><c>--faults</c>: a proxy in which faults can be armed, which says where it thinks it is.</summary>
public sealed class FaultsOptionTests
{
    [Fact]
    public async Task Run_WithFaults_IsStaging_SaysSo_AndTakesRules()
    {
        await using var proxy = await ProxyProcess.StartAsync("--faults");
        await proxy.Errors.AwaitAsync(static line =>
            line.StartsWith("smtpproxy: --faults: faults can be armed here.", StringComparison.Ordinal)
                && line.Contains("this is Staging;", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        var setup = JsonElement.Parse(await http.GetStringAsync(new Uri("/api/v1/setup", UriKind.Relative)));
        Assert.Equal("Staging", setup.GetProperty("environment").GetString());
        var (code, _, errors) = await ProxyProcess.RunAsync("faults", "start", "slow-banner", "--admin", proxy.Admin.ToString());
        Assert.Equal((0, ""), (code, errors));
    }

    /// <summary>Who names the environment is believed.</summary>
    [Fact]
    public async Task Run_WithFaultsInProduction_IsRefused()
    {
        var (code, _, errors) = await ProxyProcess.RunAsync(new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Production" },
            "run", "--faults");
        Assert.Equal(1, code);
        Assert.Contains("faults are not allowed in the environment Production", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_SaysByWhatTheEnvironmentIsNamed()
    {
        Assert.Contains("Environment Staging (--faults).", (await ProxyProcess.RunAsync("check", "--faults")).Output,
            StringComparison.Ordinal);
        Assert.Contains("Environment Production (DOTNET_ENVIRONMENT).", (await ProxyProcess.RunAsync("check")).Output,
            StringComparison.Ordinal);
    }
}
