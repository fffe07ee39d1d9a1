using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>A collector that does what it is told: takes OTLP over HTTP, refuses it, keeps it waiting, or dies.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _requests = new();
    private readonly WebApplication _app;
    private TaskCompletionSource _gate = Open();

    private Collector(WebApplication app) => _app = app;

    /// <summary>The status that it answers with.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>Where it is, without scheme.</summary>
    public string Authority => new Uri(Url).Authority;

    /// <summary>The variables that make a process send everything here at once, with a password in its headers.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Url,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=hush",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "50",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "50",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
    };

    private string Url => _app.Urls.Single();

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var collector = new Collector(app);
        app.Run(collector.TakeAsync);
        await app.StartAsync();
        return collector;
    }

    /// <summary>Lets requests wait for their answers from now on.</summary>
    public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Answers those that wait, and all others.</summary>
    public void Release() => _gate.TrySetResult();

    /// <summary>How many requests of a kind have come: <c>traces</c>, <c>logs</c> or <c>metrics</c>.</summary>
    public int Requests(string kind) => _requests.GetValueOrDefault("/v1/" + kind);

    /// <summary>Is gone: its port refuses.</summary>
    public Task DieAsync()
    {
        Release();
        return _app.StopAsync();
    }

    public ValueTask DisposeAsync()
    {
        Release();
        return _app.DisposeAsync();
    }

    private static TaskCompletionSource Open()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }

    private async Task TakeAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        _requests.AddOrUpdate(context.Request.Path, 1, static (_, n) => n + 1);
        await _gate.Task.WaitAsync(context.RequestAborted);
        context.Response.StatusCode = Status;
    }
}
