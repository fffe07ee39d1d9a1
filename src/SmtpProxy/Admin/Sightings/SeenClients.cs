using System.Net;
using SmtpProxy.Live;

namespace SmtpProxy.Admin.Sightings;

/// <summary>All clients as they are shown. Where there are many they are looked through once for all who ask, and that takes a twentieth of
/// a core at most: each page that is open asks again every few seconds. Thread-safe.</summary>
/// <param name="time">The clock.</param>
/// <param name="table">The clients; null: they are not remembered.</param>
internal sealed class SeenClients(TimeProvider time, ClientTable? table = null)
{
    /// <summary>So few are looked through whenever somebody asks.</summary>
    public const int Few = 1000;

    /// <summary>What was seen of many is good for so many times what it took.</summary>
    private const int Rest = 20;

    private readonly Lock _lock = new();
    private List<(IPAddress Address, SeenClient View)> _all = [];
    private long _at;
    private TimeSpan _took;

    /// <summary>Whether clients are remembered at all.</summary>
    public bool IsOn => table is { IsOn: true };

    /// <summary>How many may be.</summary>
    public int Most => table?.Most ?? 0;

    /// <summary>How many were forgotten to make room.</summary>
    public long Forgotten => table?.Forgotten ?? 0;

    /// <summary>They, those that were seen last first.</summary>
    /// <param name="portOf">The ports of listeners.</param>
    public IReadOnlyList<(IPAddress Address, SeenClient View)> All(IReadOnlyDictionary<string, int> portOf)
    {
        lock (_lock)
        {
            if (_all.Count <= Few || time.GetElapsedTime(_at) >= _took * Rest)
            {
                var began = time.GetTimestamp();
                _all = table?.Select(client => (client.Address, SeenClient.Of(client, portOf))) ?? [];
                _at = time.GetTimestamp();
                _took = time.GetElapsedTime(began, _at);
            }

            return _all;
        }
    }
}
