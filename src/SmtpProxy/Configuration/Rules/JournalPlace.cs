using SmtpProxy.Configuration.Schema;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Files;

namespace SmtpProxy.Configuration.Rules;

/// <summary>Finds out whether a journal can be written, without making or changing anything.</summary>
internal static class JournalPlace
{
    private const string Key = $"{JournalOptions.Section}:{nameof(JournalOptions.Path)}";
    private const string Remedy = "or write another path, or - for standard output";

    /// <summary>What is wrong and the remedy; nothing when it can be written, as far as can be told beforehand.</summary>
    public static IEnumerable<Problem> Check(JournalOptions journal)
    {
        if (journal.IsOn && journal.Path != JournalOptions.StandardOutput && Judge(journal.Path!) is { } problem)
        {
            yield return Problem.At(Key, $"{problem}, {Remedy}");
        }
    }

    private static string? Judge(string path)
    {
        try
        {
            var full = Path.GetFullPath(path);
            if (Directory.Exists(full) || Path.EndsInDirectorySeparator(full))
            {
                return $"'{path}' is a directory; write the path of a file";
            }

            // Where a link leads nowhere, the file is made there.
            full = new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
            var folder = Path.GetDirectoryName(full)!;
            return full == "/dev/full" ? $"'{path}' is full by its nature; write the path of a file"
                : File.Exists(full) ? (FilePermission.WhyNotWritten(full) is { } why
                    ? $"'{path}' cannot be written: {why}; give this user the right to" : null)
                : !Directory.Exists(folder) ? (File.Exists(folder)
                    ? $"'{folder}' is a file and no directory; write the path of a file"
                    : $"the directory '{folder}' does not exist; create it")
                : FilePermission.WhyNotMade(folder) is { } no
                ? $"the directory '{folder}' cannot be written: {no}; give this user the right to"
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"'{path}' cannot be used: {e.Message.TrimEnd('.')}; write the path of a file";
        }
    }
}
