using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards;

/// <summary>A Prometheus with the project's rules, that scrapes every second what it is told to, under the
/// path <c>/prometheus</c>.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smtpproxy-prometheus-");
    private readonly HttpClient _http = new();
    private readonly Process _process;
    private readonly Task _reading;

    private PrometheusServer(string program, string rules, int port)
    {
        Address = new Uri($"http://127.0.0.1:{port}");
        foreach (var file in (string[])["recording.yml", "alerts.yml"])
        {
            File.Copy(Path.Combine(rules, file), Path.Combine(_folder.FullName, file));
        }

        File.WriteAllText(Path.Combine(_folder.FullName, "prometheus.yml"), """
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: [recording.yml, alerts.yml]
            scrape_configs:
              - job_name: smtpproxy
                file_sd_configs: [{ files: [targets.json], refresh_interval: 1s }]
            """);
        _process = Process.Start(new ProcessStartInfo(program,
        [
            $"--config.file={_folder}/prometheus.yml", $"--storage.tsdb.path={_folder}/data", $"--web.listen-address=127.0.0.1:{port}",
            "--web.route-prefix=/prometheus", "--log.level=error",
        ]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _reading = Task.WhenAll(_process.StandardError.ReadToEndAsync(), _process.StandardOutput.ReadToEndAsync());
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts it and waits until it is ready; skips the test where it is not installed.</summary>
    /// <param name="rules">The folder of the rule files.</param>
    public static async Task<PrometheusServer> StartAsync(string rules)
    {
        var server = new PrometheusServer(PeerTool.Require("prometheus"), rules, FreePort.Next());
        await Eventually.Async(async () => await server.IsReadyAsync(), "Prometheus is not ready");
        return server;
    }

    /// <summary>Scrapes this from now on.</summary>
    public void Scrape(Uri metrics) =>
        File.WriteAllText(Path.Combine(_folder.FullName, "targets.json"), $"[{{\"targets\":[\"{metrics.Authority}\"]}}]");

    /// <summary>The result of a query now.</summary>
    /// <param name="expression">PromQL.</param>
    /// <param name="by">The address to ask at; null: its own.</param>
    public async Task<JsonElement[]> QueryAsync(string expression, Uri? by = null)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("query", expression)]);
        using var response = await _http.PostAsync(new Uri(by ?? Address, "/prometheus/api/v1/query"), form);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} to {expression}\n{text}");
        return [.. JsonElement.Parse(text).GetProperty("data").GetProperty("result").EnumerateArray()];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(Address, "/prometheus/-/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
