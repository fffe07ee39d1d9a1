using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Testing.Engines;

/// <summary>Speaks as much of the Docker Engine API as a container's life needs, and starts the program itself in place of its image: with
/// the environment that was asked for, and its ports on free ones of this machine.</summary>
internal sealed class EngineStandIn : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, JsonObject> _made = new();
    private readonly ConcurrentDictionary<string, ProxyProcess> _running = new();
    private readonly WebApplication _http;

    private EngineStandIn()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _http = builder.Build();
        _http.Run(AnswerAsync);
    }

    /// <summary>Where it is, as Testcontainers and DOCKER_HOST have it.</summary>
    public Uri Address => new(_http.Urls.First());

    /// <summary>What was asked to be created.</summary>
    public IReadOnlyCollection<JsonObject> Made => [.. _made.Values];

    /// <summary>Containers that were started and neither stopped nor removed.</summary>
    public int Alive => _running.Count;

    /// <summary>Starts it.</summary>
    public static async Task<EngineStandIn> StartAsync()
    {
        var engine = new EngineStandIn();
        await engine._http.StartAsync();
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        await _http.DisposeAsync();
        foreach (var proxy in _running.Values)
        {
            await proxy.DisposeAsync();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        (int Status, string Body) answer;
        try
        {
            answer = await AnswerAsync(context.Request);
        }
        catch (InvalidOperationException e)
        {
            answer = (500, JsonSerializer.Serialize(new { message = e.Message }));
        }

        context.Response.StatusCode = answer.Status;
        if (answer.Body.Length > 0)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer.Body);
        }
    }

    private async Task<(int Status, string Body)> AnswerAsync(HttpRequest request)
    {
        // A version such as /v1.44 may stand in front.
        var path = request.Path.Value!.Trim('/').Split('/').SkipWhile(static part => part.StartsWith("v1.", StringComparison.Ordinal))
            .ToArray();
        switch (request.Method, path)
        {
            case ("GET" or "HEAD", ["_ping"]):
                return (200, "");
            case ("GET", ["info"]):
                return (200, """{"ID":"stand-in","OSType":"linux","OperatingSystem":"stand-in","ServerVersion":"0"}""");
            case ("GET", ["version"]):
                return (200, """{"Version":"0","ApiVersion":"1.44","Os":"linux","Arch":"amd64"}""");
            case ("GET", ["images", .., "json"]):
                return (200, path.Length == 2 ? """[{"Id":"sha256:0","RepoTags":["smtpproxy:0.1.0"],"Created":1}]"""
                    : """{"Id":"sha256:0","RepoTags":["smtpproxy:0.1.0"],"Created":"2026-01-01T00:00:00Z"}""");
            case ("POST", ["containers", "create"]):
                using (var reader = new StreamReader(request.Body))
                {
                    var id = Guid.NewGuid().ToString("N");
                    _made[id] = JsonNode.Parse(await reader.ReadToEndAsync())!.AsObject();
                    return (201, $$"""{"Id":"{{id}}","Warnings":[]}""");
                }

            case ("POST", ["containers", var id, "start"]):
                _running[id] = await RunAsync(_made[id]);
                return (204, "");
            case ("GET", ["containers", var id, "json"]):
                return (200, Inspected(id).ToJsonString());
            case ("POST" or "DELETE", ["containers", var id, .. [] or ["stop"]]):
                if (_running.TryRemove(id, out var proxy))
                {
                    await proxy.DisposeAsync();
                }

                return (204, "");
            default:
                return (404, JsonSerializer.Serialize(new { message = $"no {request.Method} {request.Path} here" }));
        }
    }

    /// <summary>The program as the image would run it, but for its ports: those are this machine's.</summary>
    private static Task<ProxyProcess> RunAsync(JsonObject made)
    {
        var environment = made["Env"]!.AsArray().Select(static e => e!.GetValue<string>().Split('=', 2))
            .ToDictionary(static e => e[0], static e => e[1]);
        environment["SmtpProxy__Listeners__inbound__Address"] = "127.0.0.1:0";
        environment["SmtpProxy__Admin__AllowAnonymous"] = "/healthz,/readyz";
        environment["SmtpProxy__Sink__Address"] = $"127.0.0.1:{FreePort.Next()}";
        environment["Kestrel__Endpoints__Admin__Url"] = "http://127.0.0.1:0";
        return ProxyProcess.StartPlainAsync(static _ => { }, environment);
    }

    private JsonObject Inspected(string id)
    {
        var ports = new JsonObject();
        if (_running.TryGetValue(id, out var proxy))
        {
            ports["2525/tcp"] = Bound(proxy.Listener().Port);
            ports["9025/tcp"] = Bound(proxy.Admin.Port);
        }

        return new JsonObject
        {
            ["Id"] = id,
            ["Name"] = "/smtpproxy",
            ["Created"] = "2026-01-01T00:00:00Z",
            ["State"] = new JsonObject { ["Status"] = proxy is null ? "created" : "running", ["Running"] = proxy is not null },
            ["Config"] = new JsonObject { ["Image"] = "smtpproxy:0.1.0" },
            ["NetworkSettings"] = new JsonObject { ["Ports"] = ports },
        };
    }

    private static JsonArray Bound(int port) =>
        [new JsonObject { ["HostIp"] = "127.0.0.1", ["HostPort"] = port.ToString(CultureInfo.InvariantCulture) }];
}
