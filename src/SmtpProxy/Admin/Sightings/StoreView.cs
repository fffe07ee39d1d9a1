using SmtpProxy.Live;
using SmtpProxy.Sessions;

namespace SmtpProxy.Admin.Sightings;

/// <summary>How much of the traffic is to be seen.</summary>
/// <param name="Enabled">Whether sessions are kept at all.</param>
/// <param name="Sessions">Finished sessions that are held.</param>
/// <param name="MaxSessions">How many may be.</param>
/// <param name="Octets">Octets that they take.</param>
/// <param name="MaxOctets">How many they may.</param>
/// <param name="Taken">Sessions that were kept since the start.</param>
/// <param name="Evicted">Those of them that went to make room.</param>
/// <param name="Skipped">Sessions that ended and were not kept: there were too many in their second.</param>
/// <param name="Sampled">Whether that happened within the last minute: what is shown is not all there was.</param>
/// <param name="Open">Sessions that are open.</param>
internal sealed record StoreView(bool Enabled, int Sessions, int MaxSessions, long Octets, long MaxOctets, long Taken, long Evicted,
    long Skipped, bool Sampled, int Open)
{
    /// <summary>As it is now.</summary>
    public static StoreView Of(IServiceProvider services)
    {
        var (options, open) = (services.GetRequiredService<LiveOptions>(), services.GetRequiredService<SessionHost>().Count);
        if (services.GetService<SightingStore>() is not { } store)
        {
            return new StoreView(false, 0, 0, 0, 0, 0, 0, 0, false, open);
        }

        var (held, writer) = (store.Held, services.GetRequiredService<SightingWriter>());
        return new StoreView(true, held.Count, options.MaxSessions, held.Octets, options.Memory, store.Last, held.Evicted, writer.Skipped,
            writer.IsSampled, open);
    }
}
