using System.Globalization;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>Reply codes as attribute values, boxed once.</summary>
internal static class CodeValues
{
    /// <summary>The lowest code that has a value of its own.</summary>
    public const int First = 200;

    /// <summary>Number of distinct values: 200-599 and <see cref="AttributeValues.Other"/>.</summary>
    public const int Count = 401;

    private static readonly object[] Boxed = [.. Enumerable.Range(First, Count - 1).Select(static c => (object)c), AttributeValues.Other];
    private static readonly string[] Texts =
        [.. Enumerable.Range(First, Count - 1).Select(static c => c.ToString(CultureInfo.InvariantCulture)), AttributeValues.Other];

    /// <summary>Returns the place of a code among the <see cref="Count"/> values.</summary>
    public static int IndexOf(int code) => code is >= First and < First + Count - 1 ? code - First : Count - 1;

    public static object At(int index) => Boxed[index];

    public static string TextAt(int index) => Texts[index];
}
