using System.Collections.Concurrent;
using System.Globalization;
using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry;

/// <summary>Reply codes as attribute values, boxed once.</summary>
internal static class CodeValues
{
    /// <summary>Lowest code that is told apart.</summary>
    public const int First = 200;

    /// <summary>Number of distinct values: 200-599 and <see cref="Values.Other"/>.</summary>
    public const int Count = 401;

    private static readonly object[] Boxed = [.. Enumerable.Range(First, Count - 1).Select(static c => (object)c), Values.Other];
    private static readonly string[] Texts =
        [.. Enumerable.Range(First, Count - 1).Select(static c => c.ToString(CultureInfo.InvariantCulture)), Values.Other];

    /// <summary>The place of a code among the <see cref="Count"/> values.</summary>
    public static int IndexOf(int code) => code is >= First and < First + Count - 1 ? code - First : Count - 1;

    public static object At(int index) => Boxed[index];

    public static string TextAt(int index) => Texts[index];
}

/// <summary>Series that belong to a relay whichever listener leads to it: enhanced codes.</summary>
internal sealed class EnhancedCells(Cells cells, string cluster, string destination)
{
    /// <summary>Codes are an open set that the relay chooses; so many (operation, code) pairs are told apart, the rest is <see cref="Values.Other"/>.</summary>
    private const int MaxDistinct = 512;

    private readonly ConcurrentDictionary<int, Cell> _byCode = new();

    public void Count(Operation operation, EnhancedCode code)
    {
        // 5 + 3 + 10 + 10 bits: operation, class, subject, detail.
        var key = ((int)operation << 23) | (code.Class << 20) | (code.Subject << 10) | code.Detail;
        if (!_byCode.TryGetValue(key, out var cell))
        {
            cell = _byCode.Count < MaxDistinct ? Get(key, operation, code.ToString()) : Get((int)operation << 23, operation, Values.Other);
        }

        cell.Increment();
    }

    private Cell Get(int key, Operation operation, string code)
    {
        // One series per set of attributes, even when two loops meet a code at the same time.
        lock (_byCode)
        {
            return _byCode.GetOrAdd(key, static (_, s) => s.cells.Add(s.tags), (cells, tags: new Tag[]
            {
                new(Attributes.Operation, WireNames.Of(operation)), new(Attributes.EnhancedStatusCode, code),
                new(Attributes.Cluster, cluster), new(Attributes.Destination, destination),
            }));
        }
    }
}

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

        Transactions = [.. Enum.GetValues<Verdict>().Select(v => (Tag[])[new(Attributes.Outcome, Values.Of(v)), .. Relay])];
        AtRisk = [.. Enum.GetValues<Risk>().Select(r => (Tag[])[new(Attributes.Verdict, Values.Of(r)), .. Relay])];
    }

    /// <summary>Listener, cluster, destination.</summary>
    public Tag[] Relay { get; }

    /// <summary>The relay's enhanced codes.</summary>
    public EnhancedCells Enhanced { get; }

    /// <summary>What the relay offers.</summary>
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
                new(Attributes.Origin, Values.Of(origin)), .. Relay,
            ]);
        }
    }
}
