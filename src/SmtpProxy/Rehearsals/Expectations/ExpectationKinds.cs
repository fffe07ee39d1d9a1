namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>All expectations that a file may name.</summary>
internal static class ExpectationKinds
{
    /// <summary>In the order of the documentation.</summary>
    public static readonly IReadOnlyList<ExpectationKind> All =
    [
        DeliveredExpectation.Kind,
        NotDeliveredExpectation.Kind,
        RetriedExpectation.Kind,
        NotRetriedExpectation.Kind,
        NoDuplicateExpectation.Kind,
        NoPlaintextExpectation.Kind,
        GaveUpExpectation.Kind,
        FailoverExpectation.Kind,
        ConnectionsExpectation.Kind,
        LatencyExpectation.Kind,
        ExitExpectation.Kind,
        StruckExpectation.Kind,
        DiagnosisExpectation.Kind,
        MetricExpectation.Kind,
        AlertExpectation.Kind,
    ];
}
