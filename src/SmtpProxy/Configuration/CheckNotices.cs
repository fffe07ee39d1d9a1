using SmtpProxy.Configuration.Schema;
using SmtpProxy.Transport;

namespace SmtpProxy.Configuration;

/// <summary>What a colleague would say of a configuration that is valid: it can run, and may not be what was meant.</summary>
internal static class CheckNotices
{
    /// <summary>The lines, each with its key and the remedy.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="clusters">The clusters of relays.</param>
    /// <param name="environment">Where it would run.</param>
    /// <param name="openFiles">Files that this process may open; null: not known.</param>
    /// <param name="unit">The service on this machine; null: there is none.</param>
    public static IEnumerable<string> Of(
        Settings settings, IConfigurationSection clusters, string environment, int? openFiles, InstalledUnit? unit = null)
    {
        if (settings.Faults.Enabled && environment == Environments.Production)
        {
            yield return $"{Settings.Section}:Faults:Enabled: FAULTS CAN BE ARMED IN PRODUCTION, and whoever reaches the admin address " +
                $"can arm them; set it to false, or name the environment (DOTNET_ENVIRONMENT) for what it is";
        }

        if (settings.Limits.MaxSessions == 0)
        {
            yield return $"{Settings.Section}:Limits:MaxSessions: 0 is no limit, so that a flood takes all memory and descriptors; " +
                $"remove it, or write how many sessions the relays bear";
        }

        foreach (var cluster in clusters.GetChildren().Where(static c => c.GetSection("Destinations").GetChildren().Skip(1).Any()
            && !(bool.TryParse(c["HealthCheck:Active:Enabled"], out var isOn) && isOn)))
        {
            yield return $"{cluster.Path}:HealthCheck:Active:Enabled: there are several relays and none is asked how it is, so that one " +
                $"that is down is found out by the sessions that are sent to it; set it to true";
        }

        if (unit is { OpenFiles: { } its } && settings.Limits.MaxSessions is > 0 and var all && (long)all * ListenOptions.PerSession > its)
        {
            yield return $"{Settings.Section}:Limits:MaxSessions: {all} sessions need {(long)all * ListenOptions.PerSession} open files "
                + "and more, and the service may open "
                + $"{its} (LimitNOFILE, {unit.Path}); raise it there, run systemctl daemon-reload, and restart the service";
        }
        else if (unit is null && openFiles is { } limit
            && settings.Limits.MaxSessions is > 0 and var wanted && (long)wanted * ListenOptions.PerSession > limit)
        {
            yield return $"{Settings.Section}:Limits:MaxSessions: {wanted} sessions need {(long)wanted * ListenOptions.PerSession} open " +
                $"files and more, and this shell allows {limit}; a service has a limit of its own, which is not known here: see that " +
                    $"LimitNOFILE (systemd) or --ulimit nofile (containers) is enough";
        }
    }
}
