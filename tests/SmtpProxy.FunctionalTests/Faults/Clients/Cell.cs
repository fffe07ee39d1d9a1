using System.Net.Sockets;
using System.Text.Json.Nodes;
using SmtpProxy.Faults.Presets;

namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>One client before one preset: a listener and rules of their own.</summary>
internal sealed class Cell(ClientRig rig, string listener, string client, ISender sender, Rehearsal rehearsal, TlsWish tls) : IDisposable
{
    private readonly List<TcpClient> _held = [];

    /// <summary>Its listener, its sender's name, and what its messages are known by.</summary>
    public string Listener => listener;

    /// <summary>The library, and how it was told to use TLS.</summary>
    public string Client => tls switch
        { TlsWish.Offered => $"{client}, TLS if offered", TlsWish.Required => $"{client}, TLS required", _ => client };

    public Rehearsal Rehearsal => rehearsal;

    public TlsWish Tls => tls;

    /// <summary>How many connections were held by others.</summary>
    public int Others { get; private set; }

    /// <summary>How often it was tried to send.</summary>
    public int Tries { get; private set; }

    private string From => $"{listener}@test.example";

    /// <summary>Arms the preset for this client, and tries.</summary>
    public async Task<CellResult> RunAsync()
    {
        var rules = await ArmAsync();
        var result = await TryAsync();
        foreach (var rule in rules)
        {
            // What the client does when it is disposed of is not asked here.
            await rig.Proxy.AskAsync("DELETE", $"rules/{rule}");
        }

        return result;
    }

    private async Task<CellResult> TryAsync()
    {
        await rehearsal.Before(this);
        var before = await rig.TakenAsync(this, 0);
        var first = await SendAsync();
        var relay = await rig.TakenAsync(this, before.Messages + (first.Ok ? 1 : 0)) - before;
        if (rehearsal.Again is not { } again)
        {
            return new CellResult(this, first, relay, null, relay);
        }

        await again.Wait(this);
        var second = await SendAsync();
        return new CellResult(this, first, relay, second,
            await rig.TakenAsync(this, before.Messages + relay.Messages + (second.Ok ? 1 : 0)) - before);
    }

    /// <summary>Sends the message once more.</summary>
    public Task<Told> SendAsync()
    {
        Tries++;
        return sender.SendAsync(new Letter(
            listener, rig.Port(listener), tls, rehearsal.ScalesLimits ? rehearsal.Scale : null, rehearsal.Keep, From,
            [.. Enumerable.Range(1, rehearsal.Recipients).Select(static n => $"recipient{n}@test.example")], rehearsal.Octets));
    }

    /// <summary>Others connect and stay.</summary>
    public async Task HoldAsync(int count)
    {
        Others = count;
        for (var i = 0; i < count; i++)
        {
            var other = new TcpClient();
            _held.Add(other);
            await other.ConnectAsync("127.0.0.1", rig.Port(listener));
            await other.GetStream().ReadExactlyAsync(new byte[3]);
        }
    }

    /// <summary>They leave.</summary>
    public Task ReleaseAsync()
    {
        Dispose();
        return rig.EndedAsync(listener, Others + Tries);
    }

    public void Dispose() => _held.ForEach(static h => h.Dispose());

    /// <returns>The rules' names.</returns>
    private async Task<string[]> ArmAsync()
    {
        var start = new PresetStart(
            "00:10:00", new JsonObject { ["listener"] = listener },
            rehearsal.Set is null ? null : JsonNode.Parse(rehearsal.Set)!.AsObject(), rehearsal.Scale);
        // The names that a start gives would be the same for every cell.
        var rules = PresetRun.Rules(PresetCatalogue.Find(rehearsal.Preset)!, start, [])
            .Where(r => rehearsal.Rule is null || r.Key == rehearsal.Rule).ToDictionary(r => $"{r.Key}-{listener}", static r => r.Value);
        foreach (var (name, rule) in rules)
        {
            var (status, answer) = await rig.Proxy.AskAsync("PUT", $"rules/{name}", rule.ToJsonString());
            Assert.True(status is 200 or 201, $"{rehearsal.Title}: {answer}");
        }

        return [.. rules.Keys];
    }
}

/// <summary>What the relay has of a cell.</summary>
/// <param name="Messages">Messages that it accepted.</param>
/// <param name="Recipients">Their recipients.</param>
/// <param name="Empty">Those of the messages that have no octet.</param>
internal readonly record struct Taken(int Messages, int Recipients, int Empty)
{
    public static Taken operator -(Taken all, Taken before) =>
        new(all.Messages - before.Messages, all.Recipients - before.Recipients, all.Empty - before.Empty);
}

/// <summary>What became of a cell's tries.</summary>
internal sealed record CellResult(Cell Cell, Told First, Taken FirstTaken, Told? Again, Taken AllTaken);
