using System.Globalization;
using System.Reflection;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Configuration.Rules;

/// <summary>What the bounds of sessions may be, and which of them were changed.</summary>
internal static class LimitRules
{
    private const string Section = $"{Settings.Section}:Limits";

    private const long LeastMemory = 1024 * 1024;

    /// <summary>Longer than any wait that mail knows; the timers hold it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly PropertyInfo[] Properties = typeof(SessionLimits).GetProperties(BindingFlags.Public | BindingFlags.Instance);

    /// <summary>What is wrong, each with the key's full path and the remedy.</summary>
    public static IEnumerable<string> Check(SessionLimits limits)
    {
        foreach (var property in Properties)
        {
            switch (property.GetValue(limits))
            {
                case int bits when property.Name == nameof(SessionLimits.ClientPrefixV6):
                    if (bits is < 1 or > 128)
                    {
                        yield return $"{Section}:{property.Name}: {bits} is not a number of bits from 1 to 128; write such as 64";
                    }

                    break;
                case string networks when Networks.TryParse(networks, out _) is { } problem:
                    yield return $"{Section}:{property.Name}: {problem}";
                    break;
                case int count when count < 0:
                    yield return $"{Section}:{property.Name}: {count} is negative; write 0 for no cap";
                    break;
                case long octets when octets is < 0 or > 0 and < LeastMemory:
                    yield return $"{Section}:{property.Name}: {octets} is not a number of octets from {LeastMemory} (1 MiB) on; write " +
                        $"such as {Text(property.GetValue(new SessionLimits()))}, or 0 for no cap";
                    break;
                case TimeSpan time when time < TimeSpan.Zero || (time == TimeSpan.Zero && !MayBeZero(property)):
                    yield return $"{Section}:{property.Name}: {Text(time)} is not above zero; write a time such as " +
                        $"{Text(property.GetValue(new SessionLimits()))}";
                    break;
                case TimeSpan time when time > Longest:
                    yield return $"{Section}:{property.Name}: {Text(time)} is longer than a day (1.00:00:00); write a time such as " +
                        $"{Text(property.GetValue(new SessionLimits()))}";
                    break;
            }
        }
    }

    /// <summary>Each bound that differs between two sets, as <c>Name=value</c> of the second.</summary>
    public static IEnumerable<string> Differences(SessionLimits before, SessionLimits after) =>
        from property in Properties
        let value = property.GetValue(after)
        where !Equals(property.GetValue(before), value)
        select $"{property.Name}={Text(value)}";

    /// <summary>Both times of a stop: without delay, and without waiting for transactions.</summary>
    private static bool MayBeZero(PropertyInfo time) => time.Name is nameof(SessionLimits.Drain) or nameof(SessionLimits.StopDelay);

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
