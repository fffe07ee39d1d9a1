using System.Net;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Sink;

namespace SmtpProxy.FunctionalTests.Faults.Senders;

/// <summary>Postfix, which sends to a proxy, which has a listener for each drill, and a sink behind it that remembers.</summary>
internal sealed class DrillRig : IAsyncDisposable
{
    private readonly SinkRig _sink;
    private readonly FaultedProxy _proxy;

    private DrillRig(SinkRig sink, FaultedProxy proxy)
    {
        (_sink, _proxy) = (sink, proxy);
        Postfix = new PostfixSender(Drills.All.ToDictionary(static d => d.Domain, d => Address(d).Port));
    }

    public PostfixSender Postfix { get; }

    public static async Task<DrillRig> StartAsync()
    {
        var sink = await SinkRig.Start("Portable", ("Keep", "1000"));
        var proxy = await FaultedProxy.StartAsync(
        [
            .. Drills.All.SelectMany(static d =>
                (string[])[$"--SmtpProxy:Listeners:{d.Preset}:Address=127.0.0.1:0", $"--SmtpProxy:Listeners:{d.Preset}:Cluster=relays"]),
            "--relay", $"smtp://127.0.0.1:{sink.SmtpPort}", "--SmtpProxy:Faults:AllowDuplicateRisk=true",
            "--SmtpProxy:Faults:AutoHaltRatio=1",
        ]);
        var rig = new DrillRig(sink, proxy);
        await rig.Postfix.InitializeAsync();
        return rig;
    }

    /// <summary>Starts the preset, gives Postfix the messages, and waits until it is rid of them.</summary>
    public async Task<Drilled> RunAsync(Drill drill)
    {
        var (status, run) = await _proxy.AskAsync("POST", $"scenarios/{drill.Preset}/start",
            $"{{'ttl':'00:05:00','match':{{'listener':'{drill.Preset}'}}{drill.With}}}");
        Assert.True(status == 201, run.ToString());
        var others = await Task.WhenAll(Enumerable.Range(0, drill.Others).Select(_ => MailClient.ConnectAsync(Address(drill))));
        for (var n = 0; n < drill.Mails; n++)
        {
            await QueueAsync(drill);
        }

        await StateAsync(drill, "deferred", 1);
        if (drill.Ends)
        {
            await _proxy.AskAsync("DELETE", $"scenarios/{run.GetProperty("runId").GetString()}");
        }

        foreach (var (other, _) in others)
        {
            await other.SayAsync("QUIT");
            other.Dispose();
        }

        await StateAsync(drill, "sent", drill.Mails);
        Assert.True(await Postfix.LogsAsync(log => PostfixLog.Removed(log, drill.Domain) == drill.Mails),
            $"{drill.Preset} keeps what was sent:\n{Postfix.Log}");
        var log = Postfix.Log;
        // The sink counts a message before it says so, and Postfix has nothing left to send.
        var taken = _sink.Mailbox.Messages().Count(m => m.Recipients[0] == $"user@{drill.Domain}");
        return new Drilled(drill, taken, PostfixLog.QueueIds(log, drill.Domain).Count, PostfixLog.Story(log, drill.Domain));
    }

    public async ValueTask DisposeAsync()
    {
        await Postfix.DisposeAsync();
        await _proxy.DisposeAsync();
        await _sink.DisposeAsync();
    }

    private IPEndPoint Address(Drill drill) => _proxy.Process.Listener(drill.Preset);

    private async Task StateAsync(Drill drill, string state, int count) =>
        Assert.True(await Postfix.LogsAsync(log => PostfixLog.Count(log, drill.Domain, state) >= count),
            $"{drill.Preset} never came to {count} {state}:\n{Postfix.Log}");

    private async Task QueueAsync(Drill drill)
    {
        var (client, _) = await MailClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Postfix.Port));
        using (client)
        {
            await client.SayAsync("EHLO app.example");
            await client.SayAsync("MAIL FROM:<app@sender.example>");
            await client.SayAsync($"RCPT TO:<user@{drill.Domain}>");
            await client.SayAsync("DATA");
            var lines = string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", drill.Octets / 80));
            Assert.StartsWith("250", await client.SayAsync($"Subject: {drill.Preset}\r\n\r\n{lines}."), StringComparison.Ordinal);
            await client.SayAsync("QUIT");
        }
    }
}

/// <summary>What came of a drill.</summary>
/// <param name="Drill">Which.</param>
/// <param name="Taken">Messages that the relay has.</param>
/// <param name="Queued">Messages that Postfix had.</param>
/// <param name="Story">What Postfix says of the first one that was deferred.</param>
internal sealed record Drilled(Drill Drill, int Taken, int Queued, IReadOnlyList<string> Story);
