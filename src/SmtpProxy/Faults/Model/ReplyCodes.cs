using System.Globalization;

namespace SmtpProxy.Faults.Model;

/// <summary>Classes and codes of replies, such as 2xx or 451.</summary>
internal sealed class ReplyCodes
{
    private readonly (int Low, int High)[] _ranges;

    private ReplyCodes((int Low, int High)[] ranges) => _ranges = ranges;

    /// <summary>Reads them; none means any.</summary>
    public static ReplyCodes Of(IReadOnlyList<string> texts, string path, List<RuleError> errors)
    {
        var ranges = new List<(int, int)>();
        foreach (var text in texts)
        {
            if (text.Length == 3 && text[0] is >= '2' and <= '5' && text[1..].Equals("xx", StringComparison.OrdinalIgnoreCase))
            {
                ranges.Add(((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99));
            }
            else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 200 and <= 599)
            {
                ranges.Add((code, code));
            }
            else
            {
                errors.Add(new RuleError(path, $"\"{text}\" is neither a class such as 2xx nor a code such as 451"));
            }
        }

        return new ReplyCodes([.. ranges]);
    }

    /// <summary>Whether a reply can be among these and among others.</summary>
    public bool Shares(ReplyCodes other) =>
        IsAny || other.IsAny || Array.Exists(_ranges, its => Array.Exists(other._ranges, r => its.Low <= r.High && r.Low <= its.High));

    /// <summary>As they are written.</summary>
    public override string ToString() => string.Join(", ", _ranges.Select(static r => r.Low == r.High ? $"{r.Low}" : $"{r.Low / 100}xx"));

    /// <summary>Nothing is asked for.</summary>
    public bool IsAny => _ranges.Length == 0;

    /// <summary>Whether a code is among them.</summary>
    public bool Includes(int code) => IsAny || Array.Exists(_ranges, r => code >= r.Low && code <= r.High);
}
