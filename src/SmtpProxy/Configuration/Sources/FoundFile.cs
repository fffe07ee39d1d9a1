using SmtpProxy.Files;

namespace SmtpProxy.Configuration.Sources;

/// <summary>A file that settings come from.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="IsNamed">Whether somebody named it, so that it must be there.</param>
internal sealed record FoundFile(string Path, bool IsNamed)
{
    /// <summary>Reads it.</summary>
    /// <param name="problem">Why that is not possible.</param>
    /// <returns>All of it; null when it is not there, or cannot be read.</returns>
    public byte[]? Read(out string? problem)
    {
        problem = null;
        try
        {
            return WholeFile.Read(Path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            problem = Directory.Exists(Path) ? "is a directory; name a file" : "may not be read by this user; give it the right to";
        }
        catch (IOException e)
        {
            problem = $"cannot be read: {e.Message}";
        }

        return null;
    }
}
