using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DotNet.Testcontainers.Containers;

namespace SmtpProxy.Testcontainers;

/// <summary>A container with SmtpProxy.</summary>
/// <param name="configuration">What it is made with.</param>
public sealed class SmtpProxyContainer(SmtpProxyConfiguration configuration) : DockerContainer(configuration)
{
    private const string Life = "1.00:00:00";

    /// <summary>The host to give to a client on this machine.</summary>
    public string SmtpHost => Hostname;

    /// <summary>The port to give to a client on this machine.</summary>
    public ushort SmtpPort => GetMappedPublicPort(SmtpProxyBuilder.SmtpPort);

    /// <summary>The proxy's page and API, as seen from this machine.</summary>
    public Uri AdminAddress =>
        new UriBuilder(Uri.UriSchemeHttp, Hostname, GetMappedPublicPort(SmtpProxyBuilder.AdminPort)).Uri;

    /// <summary>What the page and the API are asked with.</summary>
    public string Token => configuration.Token!;

    /// <summary>Arms a fault, until it is disarmed or the container ends.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rule">The rule in JSON, as docs/faults.md has it, such as
    /// <c>{"at":"rcpt","action":{"type":"reply","code":451}}</c>.</param>
    /// <param name="cancel">Ends the call.</param>
    /// <exception cref="HttpRequestException">It cannot work; the message has the proxy's words.</exception>
    public Task ArmAsync(string name, string rule, CancellationToken cancel = default)
    {
        var json = JsonNode.Parse(rule)!.AsObject();
        json.TryAdd("ttl", Life);
        return AskAsync(HttpMethod.Put, $"faults/rules/{Uri.EscapeDataString(name)}", json, cancel);
    }

    /// <summary>Arms a preset, such as <c>greylist</c> or <c>ack-lost</c>.</summary>
    /// <param name="preset">Its name.</param>
    /// <param name="scale">Multiplies its times: at 0.001 five minutes are 0.3 seconds.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task ArmPresetAsync(string preset, double scale = 1, CancellationToken cancel = default) =>
        AskAsync(HttpMethod.Post, $"faults/scenarios/{Uri.EscapeDataString(preset)}/start",
            new JsonObject { ["ttl"] = Life, ["scale"] = scale }, cancel);

    /// <summary>Disarms a fault.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task DisarmAsync(string name, CancellationToken cancel = default) =>
        AskAsync(HttpMethod.Delete, $"faults/rules/{Uri.EscapeDataString(name)}", null, cancel);

    /// <summary>Disarms everything, and forgets what greylists and limits remember.</summary>
    public Task ClearFaultsAsync(CancellationToken cancel = default) => AskAsync(HttpMethod.Post, "faults/reset", [], cancel);

    /// <summary>The sessions that have ended, the last first, as <c>/api/v1/sessions</c> has them: an object with
    /// <c>sessions</c>.</summary>
    /// <param name="cancel">Ends the call.</param>
    public async Task<JsonDocument> SessionsAsync(CancellationToken cancel = default) =>
        JsonDocument.Parse(await AskAsync(HttpMethod.Get, "sessions?limit=500", null, cancel).ConfigureAwait(false));

    private async Task<string> AskAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancel)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(AdminAddress, "/api/v1/" + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, cancel).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? text : throw new HttpRequestException(
            string.Create(CultureInfo.InvariantCulture, $"{method} {path}: {(int)response.StatusCode}: {text}"), null, response.StatusCode);
    }
}
