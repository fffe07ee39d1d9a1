using System.Collections.Concurrent;
using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>Everything that is counted or measured with the attributes listener, cluster and destination, with its attributes made
/// beforehand. One per combination for the process; names come from the configuration, so there are few.</summary>
internal sealed class RelayTags
{
    private const int Operations = (int)Operation.Quit + 1;
    private const int Origins = (int)Origin.Fault + 1;

    /// <summary>Codes are an open set, and have no series before they come. These have, because rules count them.</summary>
    private static readonly (Operation Operation, int Code)[] Awaited =
        [(Operation.Greeting, 421), (Operation.Greeting, 554), (Operation.Auth, 235), (Operation.Auth, 454), (Operation.Auth, 535)];

    /// <summary>What can be wrong where no relay was picked.</summary>
    private static readonly Diagnosis[] WithoutRelay =
    [
        Diagnosis.NoRelayAvailable, Diagnosis.RelayNameUnresolved, Diagnosis.ProxyLimit, Diagnosis.LocalResources,
        Diagnosis.ClientNotServed,
        Diagnosis.ProxyStopping,
    ];

    private readonly Tag[][] _success = new Tag[Operations][];
    private readonly Tag[]?[]?[] _failure = new Tag[]?[Operations][];
    private readonly Cell?[]?[] _replies = new Cell[Operations * Origins][];
    private readonly Cells _replyCells;
    private readonly ConcurrentDictionary<(Operation, string), Tag[]> _failures = new();

    /// <summary>Creates them, and shows the series of a relay's closed sets.</summary>
    /// <param name="counters">The counters.</param>
    /// <param name="enhanced">The relay's enhanced codes.</param>
    /// <param name="capabilities">What the relay offers.</param>
    /// <param name="listener">The listener's name.</param>
    /// <param name="cluster">The cluster's id.</param>
    /// <param name="destination">The relay's configured name, or <see cref="AttributeValues.NoDestination"/>.</param>
    public RelayTags(Counters counters, EnhancedCells enhanced, CapabilityCells capabilities, string listener, string cluster,
        string destination)
    {
        _replyCells = counters.Replies;
        Enhanced = enhanced;
        Capabilities = capabilities;
        Relay = [new(Attributes.Listener, listener), new(Attributes.Cluster, cluster), new(Attributes.Destination, destination)];
        for (var operation = 0; operation < Operations; operation++)
        {
            _success[operation] = [new(Attributes.Operation, WireNames.Of((Operation)operation)), .. Relay];
        }

        Transactions = new(counters.Transactions, v => [new(Attributes.Outcome, AttributeValues.Of(v)), .. Relay]);
        Faulted = new(counters.Faulted, v => [new(Attributes.Outcome, AttributeValues.Of(v)), .. Relay]);
        AtRisk = new(counters.AtRisk, r => [new(Attributes.Verdict, AttributeValues.Of(r)), .. Relay]);
        Diagnoses = new(counters.Diagnoses, d => [new(Attributes.Diagnosis, Catalogue.Of(d).Code), .. Relay]);
        Aborted = new(counters.Aborted, c => [new(Attributes.Cause, AttemptCauses.Of(c)), .. Relay]);
        Unserved = new(counters.Unserved, c => [new(Attributes.Cause, AttemptCauses.Of(c)), .. Relay]);
        Time = new(counters.Time, o => [new(Attributes.Owner, AttributeValues.Of(o)), .. Relay]);
        // Also where there is no relay: what objectives are made of must be there when no name resolves.
        Transactions.Show(Enum.GetValues<Verdict>());
        Faulted.Show(Enum.GetValues<Verdict>());
        Aborted.Show(AttemptCauses.Aborted);
        Unserved.Show(AttemptCauses.Unserved);
        Time.Show(Enum.GetValues<Owner>());
        Dials = new(counters.Dials, error => error.Length == 0 ? Relay : [.. Relay, new(Attributes.ErrorType, error)]);
        if (destination != AttributeValues.NoDestination)
        {
            AtRisk.Show(Enum.GetValues<Risk>());
            Diagnoses.Show(Enum.GetValues<Diagnosis>());
            Dials.Show(["", .. AttributeValues.DialErrors]);
            foreach (var (operation, code) in Awaited)
            {
                _ = Reply(operation, Origin.Relay, CodeValues.IndexOf(code));
            }
        }
        else
        {
            Diagnoses.Show(WithoutRelay);
        }
    }

    /// <summary>How long its phases take.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>The relay's configured name.</summary>
    public string Destination => (string)Relay[2].Value!;

    /// <summary>Refusals that were counted, each with who gave it.</summary>
    public IEnumerable<(Operation Operation, Origin Origin, int Code, long Count)> Refusals()
    {
        for (var row = 0; row < _replies.Length; row++)
        {
            for (var code = 400; _replies[row] is { } cells && code < 600; code++)
            {
                if (cells[CodeValues.IndexOf(code)] is { Count: > 0 and var count })
                {
                    yield return ((Operation)(row / Origins), (Origin)(row % Origins), code, count);
                }
            }
        }
    }

    /// <summary>Listener, cluster, destination.</summary>
    public Tag[] Relay { get; }

    /// <summary>Whether the relay has ever greeted: what it hangs up at is not a port of another kind.</summary>
    public bool HasGreeted { get; set; }

    /// <summary>The relay's enhanced codes.</summary>
    public EnhancedCells Enhanced { get; }

    /// <summary>What the relay offers in its EHLO reply.</summary>
    public CapabilityCells Capabilities { get; }

    /// <summary>Transactions that ended.</summary>
    public CellsBy<Verdict> Transactions { get; }

    /// <summary>Those of them that ended after a fault had struck their session.</summary>
    public CellsBy<Verdict> Faulted { get; }

    /// <summary>Transactions that were aborted.</summary>
    public CellsBy<AttemptCause> Aborted { get; }

    /// <summary>Attempts that came to no transaction.</summary>
    public CellsBy<AttemptCause> Unserved { get; }

    /// <summary>Transactions whose reply the client may not have.</summary>
    public CellsBy<Risk> AtRisk { get; }

    /// <summary>Time of sessions by its owner, in ticks.</summary>
    public CellsBy<Owner> Time { get; }

    /// <summary>Sessions in which something was wrong.</summary>
    public CellsBy<Diagnosis> Diagnoses { get; }

    /// <summary>Dials, by <c>error.type</c>; the empty text for those that connected.</summary>
    public CellsBy<string> Dials { get; }

    /// <summary>Attributes of an operation that was answered with this code; 4yz and 5yz carry <c>error.type</c>.</summary>
    public Tag[] Answered(Operation operation, int code)
    {
        if (code is >= CodeValues.First and < 400)
        {
            return _success[(int)operation];
        }

        var index = CodeValues.IndexOf(code);
        var row = _failure[(int)operation] ??= new Tag[]?[CodeValues.Count];
        return row[index] ??= [.. _success[(int)operation], new(Attributes.ErrorType, CodeValues.TextAt(index))];
    }

    /// <summary>Attributes of a dial.</summary>
    public Tag[] Dialled(string? error) => Ended(Operation.Connect, error);

    /// <summary>Attributes of an operation without a reply.</summary>
    public Tag[] Ended(Operation operation, string? error) => error is null
        ? _success[(int)operation]
        : _failures.GetOrAdd((operation, error), static (key, me) => [.. me._success[(int)key.Item1], new(Attributes.ErrorType, key.Item2)],
            this);

    /// <summary>Counts a reply.</summary>
    public void CountReply(Operation operation, Origin origin, int code)
    {
        var row = _replies[((int)operation * Origins) + (int)origin];
        var index = CodeValues.IndexOf(code);
        (row?[index] ?? Reply(operation, origin, index)).Increment();
    }

    private Cell Reply(Operation operation, Origin origin, int index)
    {
        lock (_replies)
        {
            var row = _replies[((int)operation * Origins) + (int)origin] ??= new Cell[CodeValues.Count];
            return row[index] ??= _replyCells.Add(
            [
                new(Attributes.Operation, WireNames.Of(operation)), new(Attributes.StatusCode, CodeValues.At(index)),
                new(Attributes.Origin, AttributeValues.Of(origin)), .. Relay,
            ]);
        }
    }
}
