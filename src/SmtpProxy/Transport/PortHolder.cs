using System.Globalization;

namespace SmtpProxy.Transport;

/// <summary>Finds the program that listens on a port of this machine, as <c>ss -ltnp</c> does: by the tables of <c>/proc</c> (proc(5)).
/// Programs of other users are seen by root only; other systems have no such tables.</summary>
public static class PortHolder
{
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Such as <c>master (pid 812)</c>; null when the tables do not say.</summary>
    public static string? Find(int port)
    {
        try
        {
            var sockets = Tables.Where(File.Exists).SelectMany(File.ReadLines).Select(line => InodeOf(line, port)).OfType<string>()
                .Select(static inode => $"socket:[{inode}]").ToHashSet();
            return sockets.Count == 0 ? null
                : Directory.EnumerateDirectories("/proc").Where(static d => Path.GetFileName(d).All(char.IsAsciiDigit))
                .Where(process => Holds(process, sockets)).Select(Name).FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Of a line such as <c>0: 0100007F:0019 00000000:0000 0A … uid timeout inode</c>.</summary>
    private static string? InodeOf(string line, int port) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var local, _, Listening, _, _, _, _, _, var inode, ..]
            && local.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{port:X4}"), StringComparison.Ordinal) ? inode : null;

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(fd => File.ResolveLinkTarget(fd, returnFinalTarget: false) is { } target && sockets.Contains(target.Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or gone.
            return false;
        }
    }

    private static string? Name(string process)
    {
        try
        {
            return $"{File.ReadAllText(Path.Combine(process, "comm")).Trim()} (pid {Path.GetFileName(process)})";
        }
        catch (IOException)
        {
            return null;
        }
    }
}
