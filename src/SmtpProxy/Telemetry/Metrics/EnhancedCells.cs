using System.Collections.Concurrent;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>Series that belong to a relay whichever listener leads to it: enhanced codes.</summary>
internal sealed class EnhancedCells(Cells cells, string cluster, string destination)
{
    /// <summary>Codes are an open set that the relay chooses; so many (operation, code) pairs have series of their own, the rest is
    /// <see cref="AttributeValues.Other"/>.</summary>
    private const int MaxDistinct = 512;

    private readonly ConcurrentDictionary<int, Cell> _byCode = new();

    public void Count(Operation operation, EnhancedCode code)
    {
        // 5 + 3 + 10 + 10 bits: operation, class, subject, detail.
        var key = ((int)operation << 23) | (code.Class << 20) | (code.Subject << 10) | code.Detail;
        if (!_byCode.TryGetValue(key, out var cell))
        {
            cell = _byCode.Count < MaxDistinct
                ? Get(key, operation, code.ToString()) : Get((int)operation << 23, operation, AttributeValues.Other);
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
