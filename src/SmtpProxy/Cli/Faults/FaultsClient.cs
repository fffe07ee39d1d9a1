using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Cli.Faults;

/// <summary>What was asked for is refused, or cannot be asked for; the message says why in words.</summary>
internal sealed class FaultsRefusedException(string message) : Exception(message);

/// <summary>The HTTP API of a running proxy, below one path.</summary>
internal sealed class FaultsClient : IDisposable
{
    /// <summary>More octets than any answer has: that of the longest list of clients has about half.</summary>
    internal const int MostOctets = 256 * 1024 * 1024;

    private const string EventStream = "text/event-stream";
    private readonly HttpClient _http;
    private readonly Uri _admin;
    private readonly CancellationToken _cancel;

    public FaultsClient(Uri admin, string? token, CancellationToken cancel, string under = "/api/v1/faults/")
    {
        (_admin, _cancel) = (admin, cancel);
        _http = new HttpClient
            { BaseAddress = new Uri(admin, under), Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = MostOctets };
        _http.DefaultRequestHeaders.Authorization = Bearer(token);
    }

    /// <summary>How a token is shown to the proxy; null: none is.</summary>
    /// <exception cref="FaultsRefusedException">It cannot be one.</exception>
    public static AuthenticationHeaderValue? Bearer(string? token) =>
        string.IsNullOrEmpty(token) ? null
        : token.All(static c => c is > ' ' and <= '~') ? new AuthenticationHeaderValue("Bearer", token)
        : throw new FaultsRefusedException("the token has characters that no token has: it is one line of printable ASCII, without blanks");

    /// <summary>Opens what does not end: server-sent events.</summary>
    /// <param name="path">What is asked for.</param>
    /// <param name="after">The id of the last event that is known; null: from now.</param>
    public async Task<Stream> FollowAsync(string path, string? after)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Last-Event-ID", after);
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _cancel).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                await response.Content.LoadIntoBufferAsync(MostOctets, _cancel).ConfigureAwait(false);
                throw new FaultsRefusedException(Why((int)response.StatusCode,
                    await response.Content.ReadAsStringAsync(_cancel).ConfigureAwait(false)));
            }

            return response.Content.Headers.ContentType?.MediaType == EventStream
                ? await response.Content.ReadAsStreamAsync(_cancel).ConfigureAwait(false) : throw NoProxy();
        }
        catch (HttpRequestException e)
        {
            throw NoAnswer(e);
        }
    }

    public Task<JsonNode?> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <summary>Reads what is no JSON.</summary>
    public Task<string> GetTextAsync(string path) => SendAsync(HttpMethod.Get, path, null, static text => text);

    public Task<JsonNode?> PostAsync(string path, JsonObject body) => SendAsync(HttpMethod.Post, path, body);

    public Task<JsonNode?> PutAsync(string path, JsonObject body) => SendAsync(HttpMethod.Put, path, body);

    public Task<JsonNode?> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public void Dispose() => _http.Dispose();

    private Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonObject? body) =>
        SendAsync(method, path, body, static text => JsonNode.Parse(text));

    private async Task<T> SendAsync<T>(HttpMethod method, string path, JsonObject? body, Func<string, T> read)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path)
                { Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
            using var response = await _http.SendAsync(request, _cancel).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(_cancel).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? read(text) : throw new FaultsRefusedException(Why((int)response.StatusCode, text));
        }
        catch (HttpRequestException e)
        {
            throw NoAnswer(e);
        }
        catch (OperationCanceledException) when (!_cancel.IsCancellationRequested)
        {
            throw new FaultsRefusedException($"{_admin} did not answer within {_http.Timeout.TotalSeconds:0} seconds");
        }
        catch (JsonException)
        {
            throw NoProxy();
        }
    }

    /// <summary>What answers does not answer as a proxy does.</summary>
    public FaultsRefusedException NoProxy() =>
        new($"what answers at {_admin} is no SmtpProxy; name its admin address with --admin URL");

    private FaultsRefusedException NoAnswer(HttpRequestException e) => e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded
        ? NoProxy()
        : new($"no proxy answers at {_admin}: {e.Message}; name the admin address of a proxy that runs with --admin URL");

    private static string Why(int status, string text)
    {
        if (status == 401)
        {
            return $"the proxy wants its token; set {OwnVariables.Token} to the value of SmtpProxy:Admin:BearerToken";
        }

        try
        {
            var problem = JsonNode.Parse(text);
            var errors = problem?["errors"]?.AsArray().Select(static e => $"\n  {e?["path"]} {e?["text"]}") ?? [];
            return $"{problem?["title"]}:{(errors.Any() ? string.Concat(errors) : $" {problem?["detail"]}")}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return FormattableString.Invariant($"the proxy answered {status}: {text}");
        }
    }
}
