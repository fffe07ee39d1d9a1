namespace SmtpProxy.Files;

/// <summary>
/// Tells one content of a file from the next. Looked at, not watched: settings and certificates come as links that are moved, which no
/// watcher of a directory sees (Kubernetes, certbot). Length and time of writing do not tell enough: who makes builds that can be repeated
/// gives all files one time, and a certificate is as long as the one before it. When the file itself last changed cannot be set by anyone,
/// and shows as well that it may be read from now on.
/// </summary>
/// <param name="Target">What links lead to; null where <paramref name="Inode"/> says which file it is.</param>
/// <param name="Device">Where it is; 0: this system does not say.</param>
/// <param name="Inode">Which file there.</param>
/// <param name="Length">In octets.</param>
/// <param name="Written">When its content was written, as it says.</param>
/// <param name="Changed">When anything of it changed, or where this system does not say that, when it was made.</param>
internal readonly record struct FileStamp(string? Target, ulong Device, ulong Inode, long Length, DateTime Written, DateTime Changed)
{
    /// <summary>Of the file now, whatever links lead to it; the default for one that is not there.</summary>
    public static unsafe FileStamp Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            FileStatus status;
            return FileCalls.Status(FileStatus.WorkingDirectory, path, 0, FileStatus.Basic, &status) == 0
                ? new FileStamp(null, status.Device, status.Inode, status.Size, status.Written, status.Changed) : default;
        }

        try
        {
            var file = new FileInfo(path);
            // A link has times and a length of its own: its target decides.
            var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Exists
                ? new FileStamp(target.FullName, 0, 0, target.Length, target.LastWriteTimeUtc, target.CreationTimeUtc) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
