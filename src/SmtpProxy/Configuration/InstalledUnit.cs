using System.Globalization;

namespace SmtpProxy.Configuration;

/// <summary>The service of the proxy as systemd has it on this machine: what it may do is not what a shell may.</summary>
/// <param name="Path">The file that says how many files it may open, or the unit where none does.</param>
/// <param name="OpenFiles">The hard limit; null: there is none.</param>
internal sealed record InstalledUnit(string Path, long? OpenFiles)
{
    private const string Name = "smtpproxy.service";

    /// <summary>What systemd gives where nothing is said (systemd-system.conf, DefaultLimitNOFILE): the hard limit.</summary>
    private const long Usual = 524_288;

    /// <summary>Where systemd looks, the first that has a unit counts.</summary>
    private static readonly string[] Folders =
    [
        "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    ];

    /// <summary>The unit; null: there is none, or it may not be read.</summary>
    public static InstalledUnit? Find() => OperatingSystem.IsLinux() ? Find(Folders) : null;

    /// <summary>The unit in these folders. Files named <c>*.conf</c> in <c>smtpproxy.service.d</c> add to it, in the order of their names
    /// (systemd.unit).</summary>
    internal static InstalledUnit? Find(IReadOnlyList<string> folders)
    {
        try
        {
            if (folders.Select(static folder => System.IO.Path.Combine(folder, Name)).FirstOrDefault(File.Exists) is not { } unit)
            {
                return null;
            }

            var additions = folders.Select(static folder => System.IO.Path.Combine(folder, $"{Name}.d")).Where(Directory.Exists)
                .SelectMany(static folder => Directory.EnumerateFiles(folder, "*.conf"))
                // Of two of one name that of the first folder counts.
                .DistinctBy(System.IO.Path.GetFileName).OrderBy(System.IO.Path.GetFileName, StringComparer.Ordinal);
            var found = new InstalledUnit(unit, Usual);
            foreach (var file in additions.Prepend(unit))
            {
                found = Said(file, found);
            }

            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static InstalledUnit Said(string file, InstalledUnit before)
    {
        foreach (var line in File.ReadLines(file))
        {
            // One number, or the soft and the hard limit; the process has the hard one.
            if (line.Split('=', 2, StringSplitOptions.TrimEntries) is ["LimitNOFILE", var value])
            {
                var hard = value.Split(':')[^1];
                before = hard == "infinity" ? new InstalledUnit(file, null)
                    : long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var files) ? new InstalledUnit(file, files)
                    : before;
            }
        }

        return before;
    }
}
