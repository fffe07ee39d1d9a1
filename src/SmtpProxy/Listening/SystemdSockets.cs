using System.Globalization;

namespace SmtpProxy.Listening;

/// <summary>The sockets that systemd passed to this process (sd_listen_fds(3)), by name. Each can be taken once.</summary>
internal sealed class SystemdSockets
{
    private const int First = 3;
    private readonly List<(string Name, int Descriptor)> _left;

    private SystemdSockets(IEnumerable<string> names) => _left = [.. names.Select(static (name, n) => (name, First + n))];

    /// <summary>Reads what systemd says of them in the environment; none when it says nothing, or says it to another process.</summary>
    /// <param name="variable">The environment.</param>
    /// <param name="process">This process's id.</param>
    public static SystemdSockets Read(Func<string, string?> variable, int process)
    {
        var isOurs = int.TryParse(variable("LISTEN_PID"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id == process;
        if (!isOurs || !int.TryParse(variable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return new SystemdSockets([]);
        }

        var names = (variable("LISTEN_FDNAMES") ?? "").Split(':');
        return new SystemdSockets(Enumerable.Range(0, count).Select(n => n < names.Length && names[n].Length > 0 ? names[n] : "unknown"));
    }

    /// <summary>The names of those not taken yet, for messages.</summary>
    public string Names => _left.Count == 0 ? "none" : string.Join(", ", _left.Select(static s => s.Name));

    /// <summary>Takes the first of this name; null when there is none.</summary>
    public int? Take(string name)
    {
        var at = _left.FindIndex(s => s.Name == name);
        if (at < 0)
        {
            return null;
        }

        var descriptor = _left[at].Descriptor;
        _left.RemoveAt(at);
        return descriptor;
    }
}
