using System.Globalization;
using System.Text;
using SmtpProxy.Faults.Model;
using SmtpProxy.Protocol.Hello;

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
            new Field("set", FieldKind.Object, "New values.")
                { Members = [new Field("size", FieldKind.Integer, "SIZE in octets, not above the relay's.") { Min = 1 }] },
        ],
        static (values, errors) => new EditCapabilitiesAction(values, errors));

    private readonly IReadOnlyList<string> _remove;
    private readonly IReadOnlyList<string> _mask;
    private readonly long? _size;
    private readonly EhloRules _rules;

    private EditCapabilitiesAction(Values values, List<RuleError> errors)
    {
        (_remove, _mask, _size) = (values.Texts("remove"), values.Texts("mask"), values.Object("set").Integer("size"));
        if (_remove.Count == 0 && _mask.Count == 0 && _size is null)
        {
            errors.Add(new RuleError("action", "edits nothing; give remove, mask or set.size"));
        }

        _rules = new EhloRules([.. _remove.Select(Encoding.Latin1.GetBytes)], [], AddsOnlyIfOffered: false)
            { HoldsLine = true, Rewrites = Rewritten };
    }

    public override DeliveryEffect EffectAt(FaultPoint point) => DeliveryEffect.None;

    public override void Write(Strike strike, StrikeContext context)
    {
        strike.Capabilities = new CapabilityEdits([.. _remove.Concat(_mask).Select(static k => k.ToUpperInvariant())], _size);
        strike.Reply = real => [new ReplyStep.Say(EhloEditor.Edit(real.Span, _rules))];
    }

    /// <summary>A capability as it is shown; null: as it is.</summary>
    private byte[]? Rewritten(ReadOnlySpan<byte> capability)
    {
        if (IsOneOf(capability, _mask))
        {
            byte[] masked = new byte[capability.Length];
            masked.AsSpan().Fill((byte)'X');
            masked[^1] = (byte)'A';
            return masked;
        }

        // RFC 1870: no value, or 0, is no limit.
        return _size is { } size && EhloRules.IsOf(capability, "SIZE"u8)
            && !(long.TryParse(capability["SIZE".Length..].Trim((byte)' '), NumberStyles.None, CultureInfo.InvariantCulture, out var its)
                && its > 0 && its < size)
                ? Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"SIZE {size}"))
                : null;
    }

    private static bool IsOneOf(ReadOnlySpan<byte> capability, IReadOnlyList<string> keywords)
    {
        foreach (var keyword in keywords)
        {
            if (EhloRules.IsOf(capability, Encoding.Latin1.GetBytes(keyword)))
            {
                return true;
            }
        }

        return false;
    }
}
