using System.Text;
using System.Text.Json.Nodes;

namespace SmtpProxy.Tests.Differential;

/// <summary>A dialogue that can be played and whose record is known: pieces in one order, and an end.</summary>
internal sealed class Script
{
    private readonly IReadOnlyList<IReadOnlyList<Turn>> _blocks;
    private readonly double _cut;
    private readonly Ending? _sudden;

    private Script(string name, IReadOnlyList<IReadOnlyList<Turn>> blocks, double cut, Ending? sudden)
    {
        (Name, _blocks, _cut, _sudden) = (name, blocks, cut, sudden);
        var all = Order.Of([.. blocks.SelectMany(static b => b)]);
        Ending = sudden ?? new Ending(ByClient: blocks[^1][^1].Kind == TurnKind.Quit && (name.Length % 2 == 0), EndWord.Fin);
        Pieces = sudden is null ? all : CutOff(all);
        EndsAt = EndsAt < 0 ? Pieces.Count : EndsAt;
        (Truth, Record) = Truth.Of(Pieces, Ending);
    }

    /// <summary>Seed and number: the same name is the same dialogue.</summary>
    public string Name { get; }

    public IReadOnlyList<Piece> Pieces { get; }

    public Ending Ending { get; }

    /// <summary>Before which piece who ends it does: after it the other side only says what it owes.</summary>
    public int EndsAt { get; private set; } = -1;

    /// <summary>The same with nobody speaking inside the other's line.</summary>
    public Script Unsplit() =>
        new(Name, [.. _blocks.Select(static b => b.Select(static t => t with { CutLine = 0, CutReply = 0 }).ToList())], _cut, _sudden);

    public Truth Truth { get; }

    /// <summary>The record, in the form of tests/Dialogues.</summary>
    public JsonObject Record { get; }

    /// <summary>The n-th dialogue of a seed.</summary>
    public static Script Of(long seed, int number)
    {
        var random = new Random(HashCode(seed, number));
        var blocks = Writer.Write(random);
        var sudden = random.Next(3) > 0 ? null
            : new Ending(random.Next(2) == 0, random.Next(3) switch { 0 => EndWord.Reset, 1 => EndWord.HalfClose, _ => EndWord.Fin });
        return new Script($"{seed}/{number}", blocks, random.NextDouble(), sudden);
    }

    /// <summary>Smaller ones, the smallest first.</summary>
    public IEnumerable<Script> Smaller()
    {
        if (_sudden is not null)
        {
            yield return new Script(Name, _blocks, 0, null);
        }

        for (var n = 1; n < _blocks.Count; n++)
        {
            yield return new Script(Name, [.. _blocks.Where((_, at) => at != n)], _cut, _sudden);
        }

        if (_blocks.Any(static b => b.Any(static t => !t.Waits || t.CutLine > 0 || t.CutReply > 0)))
        {
            yield return new Script(Name,
                [.. _blocks.Select(static b => b.Select(static t => t with { Waits = true, CutLine = 0, CutReply = 0 }).ToList())], _cut,
                _sudden);
        }
    }

    /// <summary>The smallest that still fails.</summary>
    public static Script Smallest(Script script, Func<Script, bool> fails)
    {
        while (script.Smaller().FirstOrDefault(fails) is { } smaller)
        {
            script = smaller;
        }

        return script;
    }

    /// <summary>The dialogue as people read it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"dialogue {Name}\n");
        foreach (var piece in Pieces)
        {
            text.Append(piece.IsClients ? "C " : "S ")
                .Append(piece.Octets.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
                    .Replace("\0", "\\0", StringComparison.Ordinal)).Append('\n');
        }

        return text.Append(Ending.ByClient ? "C " : "S ").Append(Ending.How).ToString();
    }

    private static int HashCode(long seed, int number)
    {
        // The same on every machine and in every run, which System.HashCode is not.
        var mixed = (ulong)seed * 0x9E3779B97F4A7C15 + (ulong)number * 0xC2B2AE3D27D4EB4F;
        mixed ^= mixed >> 31;
        return (int)((mixed * 0xD6E8FEB86659FD93) >> 33);
    }

    /// <summary>The pieces up to where the end comes: at a border or inside one. Who half-closes has said all it began,
    /// and hears what it is owed.</summary>
    private List<Piece> CutOff(List<Piece> all)
    {
        var at = (int)(_cut * all.Count);
        var kept = all.Take(at).ToList();
        if (Ending.How == EndWord.HalfClose)
        {
            // Nobody's line is left open, and no reply.
            kept.RemoveAll(p => p.IsClients && !p.Completes && !kept.Exists(q => q.Completes && ReferenceEquals(q.Whole, p.Whole)));
            kept = [.. kept.Select(p => p.IsClients || p.Completes || kept.Exists(q => q.Completes && ReferenceEquals(q.Answer, p.Answer))
                ? p : p with { To = p.Whole.Length })];
            if (Ending.ByClient)
            {
                EndsAt = kept.Count;
                kept.AddRange(all.Skip(at).Where(p => !p.IsClients && IsOwed(kept, p)));
            }

            return kept;
        }

        var next = all[at];
        var inside = (int)(_cut * all.Count * next.Octets.Length) % next.Octets.Length;
        if (inside > 0 && next.IsClients == Ending.ByClient)
        {
            kept.Add(next with { To = next.From + inside });
        }

        return kept;
    }

    private static bool IsOwed(List<Piece> kept, Piece reply) =>
        reply.Begins && reply.Completes && reply.Turn is { Kind: not TurnKind.Relay } turn
        && kept.Exists(p => p.Turn == turn && p.Kind == PieceKind.Line && p.Completes)
        && (turn.Payload.Length == 0 || (turn.Kind == TurnKind.Data && turn.Answers.Contains(reply.Answer!))
            || kept.Exists(p => p.Turn == turn && p.Kind == PieceKind.Payload && p.Completes))
        && (turn.Responses.Count == 0);
}
