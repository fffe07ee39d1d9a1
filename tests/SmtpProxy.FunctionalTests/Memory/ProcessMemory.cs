using System.Globalization;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Memory;

/// <summary>What the kernel says about a process (Linux).</summary>
internal sealed class ProcessMemory(ProxyProcess process)
{
    private readonly string _folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}");

    /// <summary>Octets of its own memory: heaps and stacks, not the files that are mapped.</summary>
    public long Anonymous => Kibibytes("smaps_rollup", "Pss_Anon:");

    /// <summary>Octets in memory, mapped files included.</summary>
    public long Resident => Kibibytes("status", "VmRSS:");

    /// <summary>The most that <see cref="Resident"/> was since <see cref="ForgetPeak"/>.</summary>
    public long PeakResident => Kibibytes("status", "VmHWM:");

    /// <summary>Skips the test where the kernel does not say it, or the process may not have as many files open.</summary>
    public void Require(int descriptors)
    {
        foreach (var folder in (string[])["/proc/self", _folder])
        {
            Skip.IfNot(Lines(folder, "smaps_rollup").Any(line => line.StartsWith("Pss_Anon:", StringComparison.Ordinal)),
                "the kernel has no Pss_Anon");
            var limit = Lines(folder, "limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
            Skip.If(limit != "unlimited" && int.Parse(limit, CultureInfo.InvariantCulture) < descriptors,
                $"needs {descriptors} descriptors; ulimit -n is {limit}");
        }
    }

    /// <summary><see cref="PeakResident"/> starts anew.</summary>
    public void ForgetPeak() => File.WriteAllText(Path.Combine(_folder, "clear_refs"), "5");

    private long Kibibytes(string file, string name) => 1024 * long.Parse(
        Lines(_folder, file).First(line => line.StartsWith(name, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private static string[] Lines(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        Skip.IfNot(File.Exists(path), $"{path} does not exist here");
        return File.ReadAllLines(path);
    }
}
