using System.Globalization;
using System.Text.Json.Nodes;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals;

/// <summary>The fault rules of one rehearsal in a proxy, from when they are armed until they are removed.</summary>
/// <param name="api">The proxy.</param>
/// <param name="longest">The longest time of the phase that they are for.</param>
internal sealed class ArmedRules(IProxyApi api, TimeSpan longest)
{
    /// <summary>What they outlive the phase by, should nobody remove them.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly List<string> _ids = [];

    /// <summary>Makes sure that no other rehearsal goes on in the proxy: each would be judged by the other's mail and faults.</summary>
    /// <returns>The seed that its faults draw by; null: not known.</returns>
    /// <exception cref="InvalidOperationException">Another one goes on, or was killed.</exception>
    public static async Task<string?> RequireNoneAsync(IProxyApi api)
    {
        var status = JsonNode.Parse(await api.GetTextAsync("faults/status").ConfigureAwait(false));
        foreach (var rule in status?["rules"]?.AsArray() ?? [])
        {
            if (rule?["id"]?.GetValue<string>() is { } id && id.StartsWith(FaultsReader.Prefix, StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException(
                    $"another rehearsal goes on in this proxy, or was killed: its rule {id} is armed until " +
                    $"{rule["expiresAt"]?.ToString() ?? "somebody removes it"}; wait, or end it with smtpproxy faults stop {id}");
            }
        }

        return status?["seed"]?.GetValue<string>();
    }

    /// <summary>Arms rules.</summary>
    public async Task ArmAsync(IEnumerable<KeyValuePair<string, JsonObject>> rules)
    {
        await RequireNoneAsync(api).ConfigureAwait(false);
        foreach (var (id, rule) in rules)
        {
            var body = (JsonObject)rule.DeepClone();
            body["ttl"] = (longest + Margin).ToString("c", CultureInfo.InvariantCulture);
            // Also what nobody confirmed may be armed.
            _ids.Add(id);
            await api.PutAsync($"faults/rules/{id}", body).ConfigureAwait(false);
        }
    }

    /// <summary>Removes them, each whatever becomes of the others.</summary>
    /// <returns>What is left in the proxy, and until when; null: nothing.</returns>
    public async Task<string?> RemoveAsync()
    {
        var left = new List<string>();
        foreach (var id in _ids)
        {
            try
            {
                await api.DeleteAsync($"faults/rules/{id}").ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                left.Add(id);
            }
        }

        return left.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"{string.Join(", ", left)} could not be removed from the proxy; they end by themselves, {longest + Margin:c} after they " +
                $"were armed " +
            $"at the latest, or now with smtpproxy faults stop");
    }
}
