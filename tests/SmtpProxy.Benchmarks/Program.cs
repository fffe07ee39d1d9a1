using BenchmarkDotNet.Running;
using SmtpProxy.Benchmarks.Compare;
using SmtpProxy.Benchmarks.Scale;

namespace SmtpProxy.Benchmarks;

internal static class Entry
{
    private static async Task Main(string[] args)
    {
        switch (args)
        {
            case ["scale", .. var rest] when OperatingSystem.IsLinux():
                await ScaleRun.RunAsync(rest);
                return;
            case ["compare", .. var rest] when OperatingSystem.IsLinux():
                await CompareRun.RunAsync(rest);
                return;
        }

        BenchmarkSwitcher.FromAssembly(typeof(Entry).Assembly).Run(args);
    }
}
