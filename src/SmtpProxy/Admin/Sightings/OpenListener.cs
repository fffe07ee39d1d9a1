namespace SmtpProxy.Admin.Sightings;

/// <summary>A listener that is open.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Address">Where it listens, with the real port; a Unix socket's begins with <c>unix:</c>.</param>
/// <param name="Cluster">Where its sessions go.</param>
internal sealed record OpenListener(string Name, string Address, string Cluster)
{
    /// <summary>Those of the lines that say what listens: <c>inbound 127.0.0.1:2525 -> relays</c>.</summary>
    public static IEnumerable<OpenListener> Of(IEnumerable<string> lines) =>
        from line in lines
        let words = line.Split(' ')
        where words.Length >= 4
        // A Unix socket's path may have blanks.
        select new OpenListener(words[0], string.Join(' ', words[1..^2]), words[^1]);
}
