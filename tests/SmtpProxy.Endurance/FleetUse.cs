using System.Text;

namespace SmtpProxy.Endurance;

/// <summary>Proxies that are a fleet while they are measured: <c>fleet=HOST:PORT</c> of a Redis, <c>limits=yes</c> for limits that count
/// clients of this machine,
/// <c>rule=yes</c> for a rule that each session matches and that must be counted, though it never strikes.</summary>
internal static class FleetUse
{
    /// <summary>What makes a proxy a member; nothing without <c>fleet</c>.</summary>
    public static IEnumerable<string> Arguments(Arguments arguments, string folder)
    {
        if (arguments.Text("fleet", "") is not { Length: > 0 } redis)
        {
            return [];
        }

        var key = Path.Combine(folder, "fleet.key");
        File.WriteAllText(key, "a key that no redis has ever seen");
        string[] limits = arguments.Text("limits", "no") == "yes" ? ["--SmtpProxy:Limits:ClientLimitExempt=192.0.2.1",
            "--SmtpProxy:Limits:MaxSessionsPerClient=5000", "--SmtpProxy:Limits:ConnectionsPerMinutePerClient=0"] : [];
        return ["--SmtpProxy:Fleet:Redis", redis, "--SmtpProxy:Fleet:KeyFile", key, "--SmtpProxy:Faults:Enabled=true", .. limits];
    }

    /// <summary>Makes the rule, where one is wanted.</summary>
    public static async Task ArmAsync(Arguments arguments, ProxyUnderLoad proxy)
    {
        if (arguments.Text("rule", "no") != "yes")
        {
            return;
        }

        using var http = new HttpClient();
        using var rule = new StringContent("""
            {"at":"mail","ttl":"00:30:00","occurrence":{"nth":[1000000000]},"action":{"type":"reply","code":451}}
            """, Encoding.UTF8, "application/json");
        using var made = await http.PutAsync(new Uri(proxy.Admin, "/api/v1/faults/rules/counted"), rule).ConfigureAwait(false);
        made.EnsureSuccessStatusCode();
    }

    /// <summary>How often all of them asked Redis so far, by what for; nothing where there is no fleet.</summary>
    public static async Task<Dictionary<string, double>> AskedAsync(IEnumerable<ProxyUnderLoad> proxies)
    {
        var asked = new Dictionary<string, double>();
        foreach (var proxy in proxies)
        {
            var figures = await proxy.ReadAsync().ConfigureAwait(false);
            foreach (var use in (string[])["beat", "limits", "budget"])
            {
                if (figures.Sum("smtpproxy_fleet_requests_total", $"smtpproxy_fleet_use=\"{use}\"") is var number and > 0)
                {
                    asked[use] = asked.GetValueOrDefault(use) + number;
                }
            }
        }

        return asked;
    }
}
