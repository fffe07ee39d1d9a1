using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>Takes OTLP over HTTP and keeps every payload as it came. In protobuf, text is UTF-8 and ids are octets, so both can be looked
/// for without a schema.</summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _payloads = new();
    private readonly WebApplication _app;

    private OtlpSink(WebApplication app) => _app = app;

    /// <summary>The variables that make a process send everything here, soon.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-tenant=mail",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    /// <summary>The headers of the last request named by the sender's configuration.</summary>
    public string? Tenant { get; private set; }

    public static async Task<OtlpSink> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new OtlpSink(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Everything of one kind, <c>traces</c>, <c>logs</c> or <c>metrics</c>, an octet a character.</summary>
    public string Text(string kind) =>
        string.Concat(_payloads.Where(p => p.Path == "/v1/" + kind).Select(static p => Encoding.Latin1.GetString(p.Body)));

    /// <summary>Whether an id, in hex digits, is in what came of one kind.</summary>
    public bool Has(string kind, string id) =>
        Text(kind).Contains(Encoding.Latin1.GetString(Convert.FromHexString(id)), StringComparison.Ordinal);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _payloads.Enqueue((context.Request.Path, body.ToArray()));
        Tenant = context.Request.Headers["x-tenant"];
    }
}
