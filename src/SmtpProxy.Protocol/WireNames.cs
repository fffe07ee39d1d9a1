namespace SmtpProxy.Protocol;

/// <summary>The names under which values are known outside: journal, metrics, documentation. Allocation-free.</summary>
public static class WireNames
{
    /// <summary>PROTOCOL 12, for example <c>bare-lf-data</c>.</summary>
    public static string Of(Anomaly anomaly) => throw new NotImplementedException();

    /// <summary>PROTOCOL 13, for example <c>closing-421</c>.</summary>
    public static string Of(FinalState state) => throw new NotImplementedException();

    /// <summary>The closed set of operations, for example <c>end_of_data</c>.</summary>
    public static string Of(Operation operation) => throw new NotImplementedException();

    /// <summary>The journal's verb: upper case; <c>.</c> for end of data, the empty string for an empty line, <c>?</c> where the
    /// first token is no verb, null for <see cref="Verb.Unknown"/> and the greeting (take the octets as sent).</summary>
    public static string? Of(Verb verb) => throw new NotImplementedException();

    /// <summary><c>none</c>, <c>starttls</c>, <c>refused</c>, <c>implicit</c>.</summary>
    public static string Of(TlsState state) => throw new NotImplementedException();
}
