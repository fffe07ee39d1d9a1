using System.Text.Json;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>The first relay's probe, as the API shows it; nothing tells when there has been one.</summary>
internal static class Probed
{
    /// <summary>Waits for a probe; answers the relay.</summary>
    public static async Task<JsonElement> RelayAsync(ProxyProcess proxy)
    {
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while (true)
        {
            var relay = JsonElement.Parse(await http.GetStringAsync(new Uri("/api/v1/upstreams", UriKind.Relative), patience.Token))[0];
            if (relay.GetProperty("probe").ValueKind == JsonValueKind.Object)
            {
                return relay;
            }

            await pause.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>What the probe failed by; null: by nothing.</summary>
    public static async Task<string?> FailureAsync(ProxyProcess proxy) =>
        (await RelayAsync(proxy)).GetProperty("probe").GetProperty("failure").GetString();
}
