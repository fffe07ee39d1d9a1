using System.Globalization;
using System.Runtime.InteropServices;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>How many files another process may have open, changed while it runs (Linux).</summary>
internal sealed partial class FileLimit
{
    private const int OpenFiles = 7;
    private readonly ProxyProcess _process;
    private readonly ulong[] _before = new ulong[2];

    public FileLimit(ProxyProcess process)
    {
        _process = process;
        Assert.Equal(0, Limit(process.Id, OpenFiles, null, _before));
    }

    /// <summary>It can open none beyond those that it has.</summary>
    public void LeaveNone()
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/fd");
        var open = Directory.EnumerateFileSystemEntries(folder)
            .Select(static path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).ToHashSet();
        var firstFree = Enumerable.Range(0, int.MaxValue).First(number => !open.Contains(number));
        Assert.Equal(0, Limit(_process.Id, OpenFiles, [(ulong)firstFree, _before[1]], null));
    }

    /// <summary>As it was.</summary>
    public void Restore() => Assert.Equal(0, Limit(_process.Id, OpenFiles, _before, null));

    [LibraryImport("libc", EntryPoint = "prlimit64")]
    private static partial int Limit(int process, int resource, ulong[]? set, [Out] ulong[]? get);
}
