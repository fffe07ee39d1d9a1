using System.Text.Json.Nodes;

namespace SmtpProxy.Rehearsals.Observed;

/// <summary>The HTTP API of the proxy that is rehearsed with.</summary>
internal interface IProxyApi
{
    /// <summary>What a path below <c>/api/v1/</c> answers.</summary>
    Task<string> GetTextAsync(string path);

    /// <summary>Makes or replaces something.</summary>
    Task PutAsync(string path, JsonObject body);

    /// <summary>Asks for something to be done.</summary>
    Task PostAsync(string path, JsonObject body);

    /// <summary>Removes something; nothing happens where it is gone already.</summary>
    Task DeleteAsync(string path);

    /// <summary>The metrics as Prometheus reads them.</summary>
    Task<string> MetricsAsync();

    /// <summary>Names of alerts that fire; null: nobody answers.</summary>
    Task<IReadOnlyCollection<string>?> AlertsAsync(Uri prometheus);
}
