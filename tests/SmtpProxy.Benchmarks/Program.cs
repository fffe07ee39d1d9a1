using BenchmarkDotNet.Running;
using SmtpProxy.Benchmarks.Scale;

namespace SmtpProxy.Benchmarks;

internal static class Entry
{
    private static async Task Main(string[] args)
    {
        if (args is ["scale", .. var rest] && OperatingSystem.IsLinux())
        {
            await ScaleRun.RunAsync(rest);
            return;
        }

        BenchmarkSwitcher.FromAssembly(typeof(Entry).Assembly).Run(args);
    }
}
