using System.Diagnostics;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>Runs a program to its end.</summary>
internal static class Command
{
    /// <summary>How long anything may take: browsers that draw every view, compilers, or Prometheus that plays a month want minutes of a
    /// core, and the rest of the suite wants them as well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

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
        using var enough = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(enough.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end:\n{await output}{await errors}");
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
