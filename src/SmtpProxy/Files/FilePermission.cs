using System.Runtime.InteropServices;

namespace SmtpProxy.Files;

/// <summary>Whether a file could be written, without opening it. Systems other than Linux are not asked:
/// opening it says so there.</summary>
internal static class FilePermission
{
    /// <summary>Why an existing file cannot be written, in the system's words; null when it can.</summary>
    public static string? WhyNotWritten(string path) => Ask(path, FileCalls.MayWrite);

    /// <summary>Why no file can be made in a directory, in the system's words; null when one can.</summary>
    public static string? WhyNotMade(string folder) => Ask(folder, FileCalls.MayWrite | FileCalls.MaySearch);

    /// <summary>Whether a file, or what a link leads to, is of the process's own group, and of root or the process's own user: who may read
    /// it by its group may do so as this process does.</summary>
    public static unsafe bool IsForOwnGroup(string path)
    {
        FileStatus status;
        return OperatingSystem.IsLinux() && FileCalls.Status(FileStatus.WorkingDirectory, path, 0, FileStatus.Basic, &status) == 0
            && status.Group == FileCalls.EffectiveGroup() && (status.User == 0 || status.User == FileCalls.EffectiveUser());
    }

    private static string? Ask(string path, int what) =>
        OperatingSystem.IsLinux() && FileCalls.MayAccess(FileStatus.WorkingDirectory, path, what, FileCalls.AsEffectiveUser) < 0
            ? Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())
            : null;
}
