namespace SmtpProxy.FunctionalTests.Faults.Coherence;

/// <summary>Each fault over real sockets, with a real Postfix behind the proxy: what the client hears to the
/// octet, and what Postfix logs.</summary>
public sealed class CoherenceTests(CoherenceRig rig) : IClassFixture<CoherenceRig>
{
    public static TheoryData<string> Rows => [.. CoherenceRig.Rows.Select(static row => row.Name)];

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public Task Fault_BeforePostfix_LeavesBothSidesCoherent(string row) => rig.RunAsync(row);
}
