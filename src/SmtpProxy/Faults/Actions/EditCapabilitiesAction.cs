using System.Globalization;
using System.Text;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Changes what the relay offers, and keeps to it.</summary>
internal sealed class EditCapabilitiesAction : FaultAction
{
    public static readonly ActionDescription Description = new(
        "editCapabilities",
        "Removes or masks capabilities in the EHLO reply, or lowers SIZE; a capability that the relay lacks is never added.",
        [FaultPoint.Ehlo],
        [
            new Field("remove", FieldKind.TextList, "Keywords whose lines are left out."),
            new Field("mask", FieldKind.TextList, "Keywords that are overwritten (XXXXXXXA), as some firewalls do."),
            new Field("set", FieldKind.Object, "New values.") { Members = [new Field("size", FieldKind.Integer, "SIZE in octets, not above the relay's.") { Min = 1 }] },
        ],
        static (values, errors) => new EditCapabilitiesAction(values, errors));

    private const int CodeLength = 3;
    private readonly IReadOnlyList<string> _remove;
    private readonly IReadOnlyList<string> _mask;
    private readonly long? _size;

    private EditCapabilitiesAction(Values values, List<RuleError> errors)
    {
        (_remove, _mask, _size) = (values.Texts("remove"), values.Texts("mask"), values.Object("set").Integer("size"));
        if (_remove.Count == 0 && _mask.Count == 0 && _size is null)
        {
            errors.Add(new RuleError("action", "edits nothing; give remove, mask or set.size"));
        }
    }

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.None;

    public override void Write(Strike strike, StrikeContext context)
    {
        strike.Capabilities = new CapabilityEdits([.. _remove.Concat(_mask).Select(static k => k.ToUpperInvariant())], _size);
        strike.Reply = real => [new ReplyStep.Say(Edit(real))];
    }

    private byte[] Edit(ReadOnlyMemory<byte> real)
    {
        var lines = Encoding.Latin1.GetString(real.Span).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || !lines[0].StartsWith('2') || lines[0].Length < CodeLength)
        {
            return real.ToArray();
        }

        var kept = new List<string> { lines[0].Length > CodeLength ? lines[0][(CodeLength + 1)..] : "" };
        kept.AddRange(lines.Skip(1).Where(static l => l.Length > CodeLength).Select(static l => l[(CodeLength + 1)..]).Select(Edited).OfType<string>());
        return Encoding.Latin1.GetBytes(string.Concat(kept.Select((line, n) => $"{lines[0][..CodeLength]}{(n == kept.Count - 1 ? ' ' : '-')}{line}\r\n")));
    }

    /// <summary>The capability as it is shown; null: not at all.</summary>
    private string? Edited(string capability)
    {
        var keyword = capability.Split(' ')[0];
        if (_remove.Contains(keyword, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        if (_mask.Contains(keyword, StringComparer.OrdinalIgnoreCase))
        {
            return new string('X', Math.Max(0, capability.Length - 1)) + "A";
        }

        return _size is { } size && keyword.Equals("SIZE", StringComparison.OrdinalIgnoreCase)
            && !(long.TryParse(capability.AsSpan(keyword.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var its) && its > 0 && its < size)
                ? string.Create(CultureInfo.InvariantCulture, $"SIZE {size}")
                : capability;
    }
}
