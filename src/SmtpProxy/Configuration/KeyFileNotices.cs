using SmtpProxy.Tls;
using SmtpProxy.Files;

namespace SmtpProxy.Configuration;

/// <summary>Private keys that others on this machine may read. They work, and whoever reads them can pose as this server.</summary>
internal static class KeyFileNotices
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>One line for each key of a listener, with its file, its mode and the remedy.</summary>
    public static IEnumerable<string> Of(ValidatedConfiguration configuration) =>
        from listener in configuration.Current.Listeners
        where listener.Value.Tls.Mode != ListenerTlsMode.Passthrough
        from certificate in listener.Value.Tls.Certificates
        let setting = SettingOf(certificate.Value)
        let notice = OfFile($"SmtpProxy:Listeners:{listener.Key}:Tls:Certificates:{certificate.Key}:{setting.Name}", setting.Path)
        where notice is not null
        select notice;

    /// <summary>What is wrong with the mode of a file; null where nothing is, or nothing can be said.</summary>
    public static string? OfFile(string key, string path)
    {
        if (OperatingSystem.IsWindows() || ModeOf(path) is not { } mode || (mode & Others) == 0)
        {
            return null;
        }

        // root:smtpproxy 0640: root writes it, and the service reads it by its group.
        if (!mode.HasFlag(UnixFileMode.OtherRead) && FilePermission.IsForOwnGroup(path))
        {
            return null;
        }

        var who = mode.HasFlag(UnixFileMode.OtherRead) ? "everybody on this machine" : "its group";
        return $"{key}: {path} holds a private key, and {who} may read it (mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}); " +
            $"chmod 0600 {path}, and make it this user's own";
    }

    private static UnixFileMode? ModeOf(string path)
    {
        try
        {
            // Of what links lead to: a link itself has all rights.
            var file = new FileInfo(path);
            return file.LinkTarget is null
                ? Mode(file) : file.ResolveLinkTarget(returnFinalTarget: true) is { } target ? Mode(target) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static UnixFileMode? Mode(FileSystemInfo file) => file.Exists ? file.UnixFileMode : null;

    private static (string Name, string Path) SettingOf(CertificateFiles files) =>
        files.Pfx.Length > 0 ? (nameof(files.Pfx), files.Pfx)
        : files.Key.Length > 0 ? (nameof(files.Key), files.Key)
        : (nameof(files.Certificate), files.Certificate);
}
