namespace SmtpProxy.Faults;

/// <summary>The names of points and effects outside: camelCase, in rules, the API, metrics and the journal.</summary>
public static class FaultNames
{
    private static readonly string[] Points = [.. Enum.GetNames<FaultPoint>().Select(Camel)];
    private static readonly string[] Effects = [.. Enum.GetNames<DeliveryEffect>().Select(Camel)];

    /// <summary>For example <c>endOfData</c>.</summary>
    public static string Of(FaultPoint point) => point == FaultPoint.StartTls ? "starttls" : Points[(int)point];

    /// <summary>For example <c>duplicateRisk</c>.</summary>
    public static string Of(DeliveryEffect effect) => Effects[(int)effect];

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
