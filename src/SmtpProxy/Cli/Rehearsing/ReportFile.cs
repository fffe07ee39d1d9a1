using SmtpProxy.Rehearsals.Files;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>Where a report is written.</summary>
/// <param name="option">The option that names it.</param>
/// <param name="file">The file; null: none was asked for.</param>
internal sealed class ReportFile(string option, string? file)
{
    /// <summary>Makes sure that it can be written, before anything runs for hours.</summary>
    /// <exception cref="RehearsalRefusedException">It cannot.</exception>
    public void Require()
    {
        if (file is null)
        {
            return;
        }

        var isNew = !File.Exists(file);
        Try(() => File.Open(file, FileMode.OpenOrCreate, FileAccess.Write).Dispose());
        if (isNew)
        {
            Try(() => File.Delete(file));
        }
    }

    /// <summary>Writes it.</summary>
    /// <exception cref="RehearsalRefusedException">It cannot be written.</exception>
    public void Write(Func<string> text)
    {
        if (file is not null)
        {
            Try(() => File.WriteAllText(file, text()));
        }
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RehearsalRefusedException([$"{option} {file}: the report cannot be written: {e.Message}"]);
        }
    }
}
