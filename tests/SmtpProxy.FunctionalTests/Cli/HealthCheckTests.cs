using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Support.Programs;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary><c>smtpproxy healthcheck</c>: the question of a container's engine, whatever the admin address is.</summary>
public sealed class HealthCheckTests
{
    private static readonly string Token = new('t', 24);

    [Fact]
    public async Task HealthCheck_OfAProxyThatIsReady_FindsItsAddressAndIsGood()
    {
        // As in a container: the address is on the command line of the other process, on every address, and the
        // token in the environment of both.
        await using var proxy = await ProxyProcess.StartAsync(
            static _ => { }, new Dictionary<string, string> { ["SmtpProxy__Admin__BearerToken"] = Token }, "--admin",
            $"http://*:{FreePort.Next()}");
        Assert.Equal((0, "ready\n"), await AskAsync("--pid", $"{proxy.Id}", $"--SmtpProxy:Admin:BearerToken={Token}"));
        Assert.Equal((0, "ready\n"), await AskAsync("--admin", $"http://0.0.0.0:{proxy.Admin.Port}",
            $"--SmtpProxy:Admin:BearerToken={Token}"));
        Assert.Equal((1, $"smtpproxy: not ready: http://+:{proxy.Admin.Port} answered 401\n"),
            await AskAsync("--admin", $"http://+:{proxy.Admin.Port}"));
    }

    [Fact]
    public async Task HealthCheck_OfAProxyThatIsNotThere_SaysSo()
    {
        var (code, said) = await AskAsync("--admin", $"http://127.0.0.1:{FreePort.Next()}");
        Assert.Equal(1, code);
        Assert.StartsWith("smtpproxy: not ready: http://127.0.0.1:", said, StringComparison.Ordinal);
        Assert.Equal((1, $"smtpproxy: not ready: process {int.MaxValue} is not there, or may not be looked at\n"),
            await AskAsync("--pid", $"{int.MaxValue}"));
    }

    private static Task<(int ExitCode, string Output)> AskAsync(params string[] arguments) =>
        Command.RunAsync("dotnet", [ProgramStart.Assembly, "healthcheck", "--timeout", "180", .. arguments]);
}
