using System.Text.Json;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Sink;

namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>All clients before all presets: one proxy with a listener for each pair, a sink that remembers, and a
/// Postfix where TLS matters.</summary>
internal sealed class ClientRig : IAsyncDisposable
{
    private readonly Postfix _postfix = new();
    private readonly List<(string Name, ISender Sender)> _clients = [];
    private SinkRig? _sink;
    private FaultedProxy? _proxy;

    public FaultedProxy Proxy => _proxy!;

    /// <summary>Every pair, in the order of the page.</summary>
    public IReadOnlyList<Cell> Cells { get; private set; } = [];

    /// <summary>Skips the test where a client or Postfix is missing.</summary>
    public async Task StartAsync()
    {
        _postfix.Require();
        _clients.AddRange(
        [
            ("smtplib", ScriptedSender.Smtplib()), ("nodemailer", ScriptedSender.Nodemailer()), ("MailKit", new MailKitSender()),
            ("System.Net.Mail", new SystemNetMailSender()),
        ]);
        await _postfix.InitializeAsync();
        _sink = await SinkRig.Start("Portable", ("Keep", "10000"));
        Cells =
        [
            .. (from rehearsal in Rehearsals.All
                from client in _clients
                from tls in rehearsal.Tls
                // The others have no such mode.
                where tls != TlsWish.Offered || client.Name is "nodemailer" or "MailKit"
                select (rehearsal, client, tls))
                .Select((pair, i) => new Cell(this, $"cell{i}", pair.client.Name, pair.client.Sender, pair.rehearsal, pair.tls)),
        ];
        var listeners = Cells.SelectMany(static cell => (string[])
        [
            $"--SmtpProxy:Listeners:{cell.Listener}:Address=127.0.0.1:0",
            $"--SmtpProxy:Listeners:{cell.Listener}:Cluster={(cell.Tls == TlsWish.None ? "relays" : "postfix")}",
        ]);
        _proxy = await FaultedProxy.StartAsync(
        [
            .. listeners, "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0", "--relay", $"smtp://127.0.0.1:{_sink.SmtpPort}",
            $"--ReverseProxy:Clusters:postfix:Destinations:postfix:Address=smtp://127.0.0.1:{_postfix.Port}",
            "--SmtpProxy:Faults:AllowDuplicateRisk=true", "--SmtpProxy:Faults:AllowLossRisk=true", "--SmtpProxy:Faults:AutoHaltRatio=1",
        ]);
    }

    public int Port(string listener) => Proxy.Process.Listener(listener).Port;

    /// <summary>What the relay has of a cell, once it has so many messages.</summary>
    public async Task<Taken> TakenAsync(Cell cell, int atLeast)
    {
        if (cell.Tls == TlsWish.None)
        {
            // The sink counts a message before it says so.
            var messages = _sink!.Mailbox.Messages().Where(m => m.From == $"{cell.Listener}@test.example").ToArray();
            return new Taken(messages.Length, messages.Sum(static m => m.RecipientCount), messages.Count(static m => m.Octets <= 2));
        }

        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(Support.ProxyProcess.Patience);
        while (true)
        {
            var messages = _postfix.Delivered.Count(file => Holds(file, $"Subject: {cell.Listener}\n"));
            if (messages >= atLeast)
            {
                return new Taken(messages, messages, 0);
            }

            // Postfix delivers behind its 250, and tells nobody when.
            await pause.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>Waits until so many sessions of a listener have ended.</summary>
    public Task<string[]> EndedAsync(string listener, int sessions) =>
        Proxy.Process.Output.AwaitAsync(line => line.StartsWith('{')
            && line.Contains($"\"listener\":\"{listener}\"", StringComparison.Ordinal), sessions);

    /// <summary>The clients go; then what there is to know is known: every session by listener, and every injection.</summary>
    public async Task<(ILookup<string, JsonElement> Sessions, JsonElement[] Injections)> LeaveAsync()
    {
        await CloseAsync();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(Support.ProxyProcess.Patience);
        var metrics = await Support.Metrics.ReadAsync(Proxy.Process);
        while (metrics.Sum("smtpproxy_active_sessions") > 0)
        {
            await pause.WaitForNextTickAsync(patience.Token);
            metrics = await Support.Metrics.ReadAsync(Proxy.Process);
        }

        // A session leaves the open ones before it is among the ended: one reading may find it in neither.
        metrics = await Support.Metrics.ReadAsync(Proxy.Process);
        var journal = await Proxy.Process.JournalAsync((int)metrics.Sum("smtpproxy_sessions_total"));
        var (_, injections) = await Proxy.AskAsync("GET", "injections?limit=1000");
        return (journal.ToLookup(static s => s.GetProperty("listener").GetString()!), [.. injections.EnumerateArray()]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cell in Cells)
        {
            cell.Dispose();
        }

        await CloseAsync();
        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_sink?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _postfix.DisposeAsync();
    }

    private async Task CloseAsync()
    {
        foreach (var (_, sender) in _clients)
        {
            await sender.DisposeAsync();
        }

        _clients.Clear();
    }

    private static bool Holds(string file, string text)
    {
        try
        {
            return File.ReadAllText(file).Contains(text, StringComparison.Ordinal);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
