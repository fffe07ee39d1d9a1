namespace SmtpProxy.Configuration.Sources;

/// <summary>A file that settings come from.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="IsNamed">Whether somebody named it, so that it must be there.</param>
internal sealed record FoundFile(string Path, bool IsNamed)
{
    /// <summary>More than any settings have. What is larger was meant for something else, and memory would run out.</summary>
    private const int Most = 8 * 1024 * 1024;

    /// <summary>Reads it.</summary>
    /// <param name="problem">Why that is not possible.</param>
    /// <returns>All of it; null when it is not there, or cannot be read.</returns>
    public byte[]? Read(out string? problem)
    {
        problem = null;
        try
        {
            // Its length says nothing of a pipe or a device.
            using var file = File.OpenRead(Path);
            var octets = new MemoryStream();
            var piece = new byte[16 * 1024];
            for (int read; (read = file.Read(piece)) > 0;)
            {
                octets.Write(piece, 0, read);
                if (octets.Length > Most)
                {
                    problem = $"is larger than {Most / 1024 / 1024} MiB; name a file of settings";
                    return null;
                }
            }

            return octets.ToArray();
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
