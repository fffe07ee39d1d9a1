using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>The API of a proxy that runs, over HTTP.</summary>
internal sealed class ProxyApi : IProxyApi, IDisposable
{
    private readonly Uri _admin;
    private readonly HttpClient _http;
    private readonly FaultsClient _orders;

    /// <summary>Opens it.</summary>
    /// <param name="admin">The proxy's admin address.</param>
    /// <param name="token">Its token; null: it asks for none.</param>
    public ProxyApi(Uri admin, string? token)
    {
        _admin = admin;
        // What a rehearsal has armed it takes back, also when it is interrupted.
        _orders = new FaultsClient(admin, token, CancellationToken.None, "/api/v1/");
        _http = new HttpClient
        {
            BaseAddress = new Uri(admin, "/api/v1/"), Timeout = TimeSpan.FromSeconds(30),
            MaxResponseContentBufferSize = FaultsClient.MostOctets,
        };
        _http.DefaultRequestHeaders.Authorization = FaultsClient.Bearer(token);
    }

    /// <summary>What a path answers, as JSON, with a refusal in words.</summary>
    /// <exception cref="FaultsRefusedException">The proxy refuses, or there is none.</exception>
    public Task<JsonNode?> AskAsync(string path) => _orders.GetAsync(path);

    /// <inheritdoc/>
    public async Task<string> GetTextAsync(string path) =>
        await _http.GetStringAsync(new Uri(path, UriKind.Relative)).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task PutAsync(string path, JsonObject body) => _orders.PutAsync(path, body);

    /// <inheritdoc/>
    public Task PostAsync(string path, JsonObject body) => _orders.PostAsync(path, body);

    /// <inheritdoc/>
    public async Task DeleteAsync(string path)
    {
        using var response = await _http.DeleteAsync(new Uri(path, UriKind.Relative)).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.NotFound)
        {
            response.EnsureSuccessStatusCode();
        }
    }

    /// <inheritdoc/>
    public Task<string> MetricsAsync() => _http.GetStringAsync(new Uri(_admin, "/metrics"));

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<string>?> AlertsAsync(Uri prometheus)
    {
        try
        {
            // Prometheus is not given the proxy's token.
            using var http = new HttpClient
                { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = FaultsClient.MostOctets };
            var below = new Uri(prometheus.AbsoluteUri.TrimEnd('/') + "/");
            var answer = JsonNode.Parse(await http.GetStringAsync(new Uri(below, "api/v1/alerts")).ConfigureAwait(false));
            return [.. (answer?["data"]?["alerts"]?.AsArray() ?? []).Where(static a => a?["state"]?.GetValue<string>() == "firing")
                .Select(static a => a?["labels"]?["alertname"]?.GetValue<string>()).OfType<string>().Distinct(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _orders.Dispose();
    }
}
