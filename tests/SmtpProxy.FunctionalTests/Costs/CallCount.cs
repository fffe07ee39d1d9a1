using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Costs;

/// <summary>Counts the system calls of all threads of a process while something runs, with strace.</summary>
internal sealed partial class CallCount
{
    private readonly Dictionary<string, long> _calls;

    private CallCount(IEnumerable<string> summary) =>
        _calls = summary.Select(static line => Row().Match(line)).Where(static row => row.Success)
            .ToDictionary(static row => row.Groups[2].Value, static row => long.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture));

    /// <summary>Calls of these names together.</summary>
    public long Of(params string[] names) => names.Sum(name => _calls.GetValueOrDefault(name));

    public override string ToString() =>
        string.Join(", ", _calls.OrderByDescending(static c => c.Value).Select(static c => $"{c.Value} {c.Key}"));

    /// <summary>Skips the test where strace is missing.</summary>
    public static async Task<CallCount> DuringAsync(int process, Func<Task> work)
    {
        var file = Path.GetTempFileName();
        using var strace = new Process
        {
            StartInfo = new ProcessStartInfo(PeerTool.Require("strace"),
                ["-f", "-c", "-o", file, "-p", process.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true },
        };
        strace.Start();
        try
        {
            // It says so for the process, and then for each thread that begins meanwhile.
            var line = await strace.StandardError.ReadLineAsync().WaitAsync(ProxyProcess.Patience);
            Assert.Contains("attached", line, StringComparison.Ordinal);
            var rest = strace.StandardError.ReadToEndAsync();
            await work();
            await Command.SucceedAsync("kill", ["-INT", strace.Id.ToString(CultureInfo.InvariantCulture)]);
            await strace.WaitForExitAsync().WaitAsync(ProxyProcess.Patience);
            await rest;
            return new CallCount(await File.ReadAllLinesAsync(file));
        }
        finally
        {
            strace.Kill();
            File.Delete(file);
        }
    }

    /// <summary>Percent, seconds, microseconds a call, calls, errors where there were any, name.</summary>
    [GeneratedRegex(@"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?([a-z]\w*)$")]
    private static partial Regex Row();
}
