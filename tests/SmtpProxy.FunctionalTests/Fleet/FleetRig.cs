using System.Globalization;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>Three proxies of one fleet before one relay, and their Redis.</summary>
internal sealed class FleetRig : IAsyncDisposable
{
    /// <summary>How often something is measured at most.</summary>
    private const int Tries = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("smtpproxy-fleet-").FullName;
    private readonly string[] _args;

    private FleetRig(RedisServer redis, string[] args)
    {
        (Redis, _args) = (redis, args);
        File.WriteAllText(Path.Combine(_folder, "key"), $"{Key}\n");
        File.WriteAllText(Path.Combine(_folder, "token"), $"{Secret}\n");
        File.WriteAllText(Path.Combine(_folder, "key2"), "a-token-of-somebody-else\n");
    }

    /// <summary>What the members read with.</summary>
    public const string Secret = "a-token-that-reads-and-no-more";

    /// <summary>What the members know and Redis does not.</summary>
    public const string Key = "a key that no redis has ever seen";

    public RedisServer Redis { get; }

    public TalkingRelay Relay { get; } = new(TalkingRelay.Yes);

    public List<ProxyProcess> Proxies { get; } = [];

    public HttpClient Http { get; } = new();

    /// <summary>Starts them, and waits until each hears all.</summary>
    public static async Task<FleetRig> StartAsync(params string[] args) => await StartAsync(await RedisServer.StartAsync(), args);

    public static async Task<FleetRig> StartAsync(RedisServer redis, params string[] args)
    {
        var rig = new FleetRig(redis, args);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(n => rig.AddAsync($"node-{n}")));
        rig.Proxies.Sort(static (a, b) => string.CompareOrdinal(a.Admin.Port.ToString(null as IFormatProvider),
            b.Admin.Port.ToString(null as IFormatProvider)));
        await rig.JoinedAsync(3);
        return rig;
    }

    /// <summary>Starts some that read from each other, and waits until each hears all.</summary>
    public static async Task<FleetRig> StartReadingAsync(int proxies, params string[] more)
    {
        var rig = new FleetRig(await RedisServer.StartAsync(), []);
        await Task.WhenAll(Enumerable.Range(0, proxies).Select(n => rig.AddAsync($"node-{n}", [.. rig.Reading(), .. more])));
        await rig.JoinedAsync(proxies);
        return rig;
    }

    /// <summary>What makes a member read and be read.</summary>
    public string[] Reading()
    {
        var admin = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}");
        return ["--admin", admin, $"--SmtpProxy:Fleet:AdminUrl={admin}", .. Token()];
    }

    /// <summary>What makes a member read.</summary>
    public string[] Token(string file = "token") =>
        [$"--SmtpProxy:Fleet:TokenFile={Path.Combine(_folder, file)}", "--SmtpProxy:Fleet:AskTimeout=00:00:10"];

    /// <summary>The member of this name.</summary>
    public async Task<ProxyProcess> OfAsync(string node)
    {
        foreach (var proxy in Proxies)
        {
            if ((await FleetOfAsync(proxy)).GetProperty("node").GetString() == node)
            {
                return proxy;
            }
        }

        throw new InvalidOperationException($"There is no {node}.");
    }

    /// <summary>The answer of a path.</summary>
    public async Task<JsonElement> GetAsync(ProxyProcess proxy, string path)
    {
        using var answer = await Http.GetAsync(new Uri(proxy.Admin, path));
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {body}\n{proxy.Errors.Text}");
        return JsonElement.Parse(body);
    }

    /// <summary>Starts one more.</summary>
    public async Task<ProxyProcess> AddAsync(string node, params string[] more)
    {
        var proxy = await ProxyProcess.StartAsync(static _ => { }, new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Test" },
            ["--relay", Relay.Address, $"--SmtpProxy:Fleet:Redis={Redis.Address}",
                $"--SmtpProxy:Fleet:KeyFile={Path.Combine(_folder, "key")}",
                $"--SmtpProxy:Fleet:Node={node}", "--SmtpProxy:Faults:Enabled=true", "--SmtpProxy:Fleet:Timeout=00:00:01", .. _args,
                .. more]);
        lock (Proxies)
        {
            Proxies.Add(proxy);
        }

        return proxy;
    }

    /// <summary>Waits until every proxy has joined and hears so many.</summary>
    public async Task JoinedAsync(int members)
    {
        foreach (var proxy in Proxies)
        {
            await Eventually.Async(async () => await FleetOfAsync(proxy) is var fleet
                && fleet.GetProperty("state").GetString() == "joined" && fleet.GetProperty("members").GetArrayLength() == members,
                $"the proxy is not among {members}:\n{proxy.Errors.Text}");
        }
    }

    /// <summary>Waits until a proxy says that it is in this state.</summary>
    public Task StateAsync(ProxyProcess proxy, string state) => Eventually.Async(async () =>
        (await FleetOfAsync(proxy)).GetProperty("state").GetString() == state, $"the proxy is not {state}:\n{proxy.Errors.Text}");

    /// <summary>How often a rule did not strike, or a proxy kept to its share of a limit, because the fleet could not be asked.</summary>
    public async Task<double> UnansweredAsync()
    {
        var all = 0.0;
        foreach (var proxy in Proxies)
        {
            var metrics = await Metrics.ReadAsync(proxy);
            var limits = ("smtpproxy_fleet_use", "limits");
            all += metrics.Sum("smtpproxy_faults_skipped_total", ("smtpproxy_fault_reason", "fleet"))
                + metrics.Sum("smtpproxy_fleet_requests_total", limits)
                - metrics.Sum("smtpproxy_fleet_requests_total", limits, ("smtpproxy_outcome", "ok"));
        }

        return all;
    }

    /// <summary>What is measured while Redis answers in time. Who has no answer within a second strikes nobody, or keeps to its share of a
    /// limit, as it should be, and on a machine that is busy a second is little: nothing is known then of what the fleet does together,
    /// and it is measured again.</summary>
    public async Task<T> AnsweredAsync<T>(Func<Task<T>> measure)
    {
        for (var n = 1; ; n++)
        {
            var before = await UnansweredAsync();
            var measured = await measure();
            if (n == Tries || await UnansweredAsync() == before)
            {
                return measured;
            }

            await JoinedAsync(3);
        }
    }

    public async Task<JsonElement> FleetOfAsync(ProxyProcess proxy) =>
        JsonElement.Parse(await Http.GetStringAsync(new Uri(proxy.Admin, "/api/v1/fleet")));

    /// <summary>One request about faults; single quotes in the body stand for double ones.</summary>
    public async Task<(int Status, JsonElement Body)> FaultsAsync(ProxyProcess proxy, string method, string path, string? body = null,
        string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(proxy.Admin, $"/api/v1/faults/{path}"));
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body.Replace('\'', '"'), Encoding.UTF8, "application/json");
        }

        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    /// <summary>Makes a rule at one proxy, and waits until it is at all of them. A machine that is busy may not answer in time.</summary>
    public async Task ArmAsync(ProxyProcess proxy, string rule)
    {
        JsonElement made = default;
        await Eventually.Async(async () =>
        {
            (var status, made) = await FaultsAsync(proxy, "PUT", "rules/it", rule);
            Assert.True(status is 200 or 503, made.ToString());
            return status == 200;
        }, $"the rule cannot be made:\n{proxy.Errors.Text}");
        await RevisionAsync(made.GetProperty("revision").GetInt64());
    }

    /// <summary>Waits until all proxies have the rules of this revision.</summary>
    public async Task RevisionAsync(long revision, ProxyProcess? but = null)
    {
        foreach (var proxy in Proxies.Where(p => p != but))
        {
            await Eventually.Async(async () => (await FaultsAsync(proxy, "GET", "status")).Body.GetProperty("revision").GetInt64()
                == revision, $"the rules are not the latest:\n{proxy.Errors.Text}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }

        await Relay.DisposeAsync();
        await Redis.DisposeAsync();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
