using System.Diagnostics;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>Runs a program to its end.</summary>
internal static class Command
{
    /// <summary>Runs it, and answers its exit code and everything that it printed, both outputs in one.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, string input = "")
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
                { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Runs it and demands that it succeeds.</summary>
    public static async Task<string> SucceedAsync(string program, IEnumerable<string> arguments, string input = "")
    {
        var (code, output) = await RunAsync(program, arguments, input);
        Assert.True(code == 0, $"{program} ended with {code}:\n{output}");
        return output;
    }
}
