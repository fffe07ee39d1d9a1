namespace SmtpProxy.Faults;

/// <summary>The names that users see of points and effects: camelCase, in rules, the API, metrics and the journal.</summary>
public static class FaultNames
{
    private static readonly string[] Points = [.. Enum.GetNames<FaultPoint>().Select(Camel)];
    private static readonly string[] Effects = [.. Enum.GetNames<DeliveryEffect>().Select(Camel)];

    /// <summary>Returns the name of a point, for example <c>endOfData</c>.</summary>
    public static string Of(FaultPoint point) => point == FaultPoint.StartTls ? "starttls" : Points[(int)point];

    /// <summary>Returns the name of an effect, for example <c>duplicateRisk</c>.</summary>
    public static string Of(DeliveryEffect effect) => Effects[(int)effect];

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
