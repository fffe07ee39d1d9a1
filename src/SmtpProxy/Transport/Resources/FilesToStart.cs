using System.Text;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Resources;

/// <summary>
/// The open files without which nothing is begun. The runtime opens each assembly when it is first needed, and one that it could not open
/// is lost for good: the process dies in odd ways (out of memory, a failed type initializer), long before anything
/// counts what is left for sessions.
/// </summary>
public static class FilesToStart
{
    /// <summary>What the program has open when it is ready (about 260), what is kept beside sessions (64), and a reserve for what only some
    /// configurations load: TLS, telemetry that is sent, the demo's clients.</summary>
    public const int Fewest = 512;

    private const int StandardError = 2;

    /// <summary>Whether the process may open fewer; if so, standard error says what to raise. To be asked first:
    /// it opens nothing itself.</summary>
    public static bool AreMissing()
    {
        OpenFiles.Raise();
        if (OpenFiles.Limit is not { } limit || limit >= Fewest)
        {
            return false;
        }

        // The console would need assemblies for which there may be no files.
        Write(Encoding.UTF8.GetBytes($"smtpproxy: cannot run:\n  {Problem(limit)}\n"));
        return true;
    }

    /// <summary>What is wrong with a limit, and what to do about it.</summary>
    internal static string Problem(int limit) =>
        $"LimitNOFILE: {limit} open files are too few: {Fewest} are needed to start, and two more for each session. Raise LimitNOFILE " +
            $"(systemd), --ulimit nofile (containers) or ulimit -n to 1024 or more";

    private static unsafe void Write(byte[] octets)
    {
        fixed (byte* first = octets)
        {
            _ = Libc.Write(StandardError, first, (nuint)octets.Length);
        }
    }
}
