using System.Net;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Rehearsals.Files;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>A proxy that runs, and on which faults may be rehearsed.</summary>
internal static class StagingProxy
{
    /// <summary>Makes sure that it is none in production, and that faults can be armed.</summary>
    /// <exception cref="RehearsalRefusedException">It may not be rehearsed with.</exception>
    public static async Task RequireAsync(ProxyApi api, Uri admin)
    {
        var environment = (await SetupAsync(api).ConfigureAwait(false))["environment"]?.GetValue<string>();
        if (environment is null or "" || environment.Equals("Production", StringComparison.OrdinalIgnoreCase))
        {
            throw new RehearsalRefusedException([$"the proxy at {admin} runs in {environment ?? "an unknown environment"}: nothing is " +
                "rehearsed there; name one that was started with DOTNET_ENVIRONMENT=Staging"]);
        }

        var status = await AskAsync(api, "faults/status").ConfigureAwait(false);
        if (status["enabled"]?.GetValue<bool>() is not true)
        {
            throw new RehearsalRefusedException(
                [$"faults are not enabled in the proxy at {admin}; start it with --SmtpProxy:Faults:Enabled=true"]);
        }

        if (status["halted"] is not null)
        {
            throw new RehearsalRefusedException(
                [$"faults are halted in the proxy at {admin} ({status["halted"]!["reason"]}); smtpproxy faults resume lets them strike " +
                    $"again"]);
        }
    }

    /// <summary>Where clients connect to it, from its settings.</summary>
    /// <exception cref="RehearsalRefusedException">They do not say.</exception>
    public static async Task<(string Host, int Port)> ListenerAsync(ProxyApi api, Uri admin, IReadOnlyList<string> names)
    {
        foreach (var setting in (await SetupAsync(api).ConfigureAwait(false))["settings"]?.AsArray() ?? [])
        {
            if (setting?["key"]?.GetValue<string>()?.Split(':') is [_, "Listeners", var name, "Address"]
                && (names.Count == 0 || names.Contains(name, StringComparer.OrdinalIgnoreCase))
                && setting["value"]?.GetValue<string>() is { } text
                && IPEndPoint.TryParse(text.Replace("*:", "0.0.0.0:", StringComparison.Ordinal), out var address) && address.Port > 0)
            {
                var isAny = address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any);
                return (isAny ? admin.Host.Trim('[', ']') : address.Address.ToString(), address.Port);
            }
        }

        throw new RehearsalRefusedException(
            [$"the settings of the proxy at {admin} do not say where clients connect; write --smtp HOST:PORT"]);
    }

    private static Task<JsonNode> SetupAsync(ProxyApi api) => AskAsync(api, "setup");

    private static async Task<JsonNode> AskAsync(ProxyApi api, string path)
    {
        try
        {
            return await api.AskAsync(path).ConfigureAwait(false) ?? new JsonObject();
        }
        catch (FaultsRefusedException e)
        {
            throw new RehearsalRefusedException([e.Message]);
        }
    }
}
