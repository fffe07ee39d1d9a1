namespace SmtpProxy.Tls;

/// <summary>Tells one content of a file from the next. Looked at, not watched: certificates come as links that are moved, which no watcher
/// of a directory sees (Kubernetes, certbot).</summary>
internal readonly record struct FileStamp(string? Target, DateTime Written, long Length)
{
    /// <summary>Of the file now, whatever links lead to it; the default for one that is not there.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            // A link has times and a length of its own: its target decides.
            var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Exists ? new FileStamp(target.FullName, target.LastWriteTimeUtc, target.Length) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
