using System.Collections.Concurrent;
using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Facts;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>Everything that is counted or measured with the attributes listener, cluster and destination, with its attributes made beforehand.
/// One per combination for the process; names come from the configuration, so there are few.</summary>
internal sealed class RelayTags
{
    private const int Operations = (int)Operation.Quit + 1;
    private const int Origins = (int)Origin.Fault + 1;
    private readonly Tag[][] _success = new Tag[Operations][];
    private readonly Tag[]?[]?[] _failure = new Tag[]?[Operations][];
    private readonly Cell?[]?[] _replies = new Cell[Operations * Origins][];
    private readonly Cells _replyCells;
    private readonly ConcurrentDictionary<(Operation, string), Tag[]> _failures = new();
    private readonly ConcurrentDictionary<Diagnosis, Tag[]> _diagnoses = new();

    public RelayTags(Cells replies, EnhancedCells enhanced, CapabilityCells capabilities, string listener, string cluster, string destination)
    {
        _replyCells = replies;
        Enhanced = enhanced;
        Capabilities = capabilities;
        Relay = [new(Attributes.Listener, listener), new(Attributes.Cluster, cluster), new(Attributes.Destination, destination)];
        for (var operation = 0; operation < Operations; operation++)
        {
            _success[operation] = [new(Attributes.Operation, WireNames.Of((Operation)operation)), .. Relay];
        }

        Transactions = [.. Enum.GetValues<Verdict>().Select(v => (Tag[])[new(Attributes.Outcome, AttributeValues.Of(v)), .. Relay])];
        AtRisk = [.. Enum.GetValues<Risk>().Select(r => (Tag[])[new(Attributes.Verdict, AttributeValues.Of(r)), .. Relay])];
    }

    /// <summary>Listener, cluster, destination.</summary>
    public Tag[] Relay { get; }

    /// <summary>The relay's enhanced codes.</summary>
    public EnhancedCells Enhanced { get; }

    /// <summary>What the relay offers in its EHLO reply.</summary>
    public CapabilityCells Capabilities { get; }

    /// <summary>By <see cref="Verdict"/>.</summary>
    public Tag[][] Transactions { get; }

    /// <summary>By <see cref="Risk"/>.</summary>
    public Tag[][] AtRisk { get; }

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
        : _failures.GetOrAdd((operation, error), static (key, me) => [.. me._success[(int)key.Item1], new(Attributes.ErrorType, key.Item2)], this);

    /// <summary>Attributes of a session in which this was wrong.</summary>
    public Tag[] Diagnosed(Diagnosis diagnosis) =>
        _diagnoses.GetOrAdd(diagnosis, static (d, me) => [new(Attributes.Diagnosis, Catalogue.Of(d).Code), .. me.Relay], this);

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
