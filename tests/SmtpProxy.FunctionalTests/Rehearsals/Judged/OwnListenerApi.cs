using System.Text.Json.Nodes;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.FunctionalTests.Rehearsals.Judged;

/// <summary>The API of a proxy as one of many rehearsals at once sees it, each of which has a listener of its own: rules of the others are
/// none of its matter. Without that only one rehearsal may go on in a proxy.</summary>
/// <param name="api">The whole of it.</param>
internal sealed class OwnListenerApi(IProxyApi api) : IProxyApi
{
    public async Task<string> GetTextAsync(string path)
    {
        var text = await api.GetTextAsync(path);
        if (path != "faults/status")
        {
            return text;
        }

        var status = JsonNode.Parse(text)!;
        status["rules"] = new JsonArray();
        return status.ToJsonString();
    }

    public Task PutAsync(string path, JsonObject body) => api.PutAsync(path, body);

    public Task PostAsync(string path, JsonObject body) => api.PostAsync(path, body);

    public Task DeleteAsync(string path) => api.DeleteAsync(path);

    public Task<string> MetricsAsync() => api.MetricsAsync();

    public Task<IReadOnlyCollection<string>?> AlertsAsync(Uri prometheus) => api.AlertsAsync(prometheus);
}
