using System.Net;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.FunctionalTests.Faults.Coherence;

/// <summary>One Postfix, and before it a proxy with a listener and a rule for each row. Each client has an address of its own, which a
/// PROXY header tells the relay, so that all rows run at once and each finds its lines.</summary>
public sealed class CoherenceRig : IAsyncLifetime
{
    private readonly Postfix _postfix = new();
    private readonly Dictionary<string, string[]> _words = [];
    private FaultedProxy? _proxy;
    private Dictionary<string, Task> _running = [];

    internal static IReadOnlyList<Row> Rows { get; } = [.. RowsOfCommands.All, .. RowsOfMessages.All];

    public async Task InitializeAsync()
    {
        if (!PeerTool.IsRootOnLinux)
        {
            return;
        }

        await _postfix.InitializeAsync();
        _proxy = await FaultedProxy.StartAsync(
        [
            .. Rows.SelectMany(static (_, i) =>
                (string[])[$"--SmtpProxy:Listeners:row{i}:Address=127.0.0.1:0", $"--SmtpProxy:Listeners:row{i}:Cluster=relays",
                // The replies are compared as Postfix gives them.
                $"--SmtpProxy:Listeners:row{i}:XClientFrom=127.0.0.0/8"]),
            "--relay", $"smtp://127.0.0.1:{_postfix.SaslProxyPort}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.ProxyProtocol=V2",
            "--SmtpProxy:Faults:AllowDuplicateRisk=true", "--SmtpProxy:Faults:AllowLossRisk=true", "--SmtpProxy:Faults:AutoHaltRatio=1",
        ]);
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_running.Values).ContinueWith(static _ => { }, TaskScheduler.Default);
        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _postfix.DisposeAsync();
    }

    /// <summary>Waits for a row; all of them begin when the first is asked for.</summary>
    internal async Task RunAsync(string name)
    {
        _postfix.Require();
        if (_running.Count == 0)
        {
            var header = ProxyHeaderWriter.For(ProxyVersion.V1, IPEndPoint.Parse("127.0.0.1:4711"), IPEndPoint.Parse("127.0.0.1:25"));
            var (greeting, ehlo) = await RowClient.ReadAsync(header, new IPEndPoint(IPAddress.Loopback, _postfix.SaslProxyPort));
            (_words["S: {greeting}"], _words["S: {ehlo}"]) = ([greeting], ehlo);
            _running = Rows.Select((row, i) => (row.Name, Run: RowAsync(row, i))).ToDictionary(static r => r.Name, static r => r.Run);
        }

        await _running[name];
    }

    /// <summary>What the proxy answers to a rule.</summary>
    internal Task<(int Status, System.Text.Json.JsonElement Body)> PutAsync(string id, string rule) =>
        _proxy!.AskAsync("PUT", $"rules/{id}", $"{{'ttl':'00:10:00',{rule}}}");

    private async Task RowAsync(Row row, int number)
    {
        var id = $"row{number}";
        var (status, refusal) = await PutAsync(id, $"'match':{{'listener':'{id}'}},{row.Rule}");
        Assert.True(status is 200 or 201, refusal.ToString());
        var client = new IPAddress([127, 77, 0, (byte)(number + 1)]);
        var words = _words.ToDictionary(static w => w.Key, w => w.Value.Select(row.Ehlo).Where(static line => line.Length > 0).ToArray());
        var begun = DateTime.Now;

        await RowClient.PlayAsync(client, _proxy!.Process.Listener(id), row.Dialogue, words, () => HeldAsync(id));

        var session = $"\"listener\":\"{id}\"";
        await _proxy.Process.Output.AwaitAsync(line => line.StartsWith('{') && line.Contains(session, StringComparison.Ordinal));
        await _postfix.LogsAsync(log => new RelayLog(log, client) is var said && (row.Relay is null || said.Counted is not null)
            && said.Delivered >= row.Delivered);
        var relay = new RelayLog(_postfix.Log, client);
        var told = string.Join('\n', relay.Lines);
        Assert.True(row.Relay == relay.Counted, $"{row.Relay} expected:\n{told}");
        Assert.True(row.Lost is null ? relay.Lost is null : relay.Lost?.StartsWith(row.Lost, StringComparison.Ordinal) == true,
            $"{row.Lost ?? "a good end"} expected:\n{told}");
        Assert.True((row.Delivered, row.Delivered) == (relay.Taken, relay.Delivered), $"{row.Delivered} messages expected:\n{told}");
        Assert.True(row.Relay is not null || relay.Connected is null, told);
        // Whole seconds of the same clock: what came this long after the beginning cannot be stamped before.
        Assert.True(row.DialledAfter == default
            || relay.Connected >= new DateTime((begun + row.DialledAfter).Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond), told);
        await AssertInjectedAsync(row, id, relay);
    }

    /// <summary>Waits until the rule holds something.</summary>
    private async Task HeldAsync(string id)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while ((await _proxy!.AskAsync("GET", "status")).Body.GetProperty("rules").EnumerateArray()
            .Single(rule => rule.GetProperty("id").GetString() == id).GetProperty("active").GetInt32() == 0)
        {
            await pause.WaitForNextTickAsync(patience.Token);
        }
    }

    private async Task AssertInjectedAsync(Row row, string id, RelayLog relay)
    {
        var (_, injections) = await _proxy!.AskAsync("GET", $"injections?rule={id}");
        var injection = Assert.Single(injections.EnumerateArray());
        Assert.Equal(row.Injected, $"{injection.GetProperty("effect").GetString()} {Code("clientCode")} {Code("upstreamCode")}");
        if (row.Injected.StartsWith("duplicateRisk", StringComparison.Ordinal))
        {
            // The only proof of the duplicate.
            Assert.Equal(relay.QueueIds.Single(), injection.GetProperty("upstreamQueueId").GetString());
        }

        string Code(string name) => injection.TryGetProperty(name, out var code) && code.ValueKind == System.Text.Json.JsonValueKind.Number
            ? $"{code.GetInt32()}" : "-";
    }
}
