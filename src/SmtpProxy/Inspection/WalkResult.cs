using System.Net;
using SmtpProxy.Codes;

namespace SmtpProxy.Inspection;

/// <summary>What a walk came to.</summary>
/// <param name="Plan">What was to be done.</param>
/// <param name="At">When it began.</param>
/// <param name="Steps">What was done, in order.</param>
internal sealed record WalkResult(WalkPlan Plan, DateTimeOffset At, IReadOnlyList<WalkStep> Steps)
{
    /// <summary>The address that was connected to; null: none.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>Our end of the connection; null: there was none.</summary>
    public EndPoint? Local { get; init; }

    /// <summary>What the server offered last, as it said it.</summary>
    public IReadOnlyList<string> Offers { get; init; } = [];

    /// <summary>TLS; null: none.</summary>
    public SecurityFacts? Tls { get; init; }

    /// <summary>What was wrong; null: nothing.</summary>
    public Finding? Finding { get; init; }

    /// <summary>What is to be looked at, though all went well.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>It went as far as it was to go.</summary>
    public bool IsGood => Finding is null;

    /// <summary>What stopped it may be over the next time: a code 4yz, no answer, no connection.</summary>
    public bool IsTransient => Finding?.Refusal is { Code: < 500 };

    /// <summary>Milliseconds from the first step to the end of the last.</summary>
    public double Total => Steps.Count == 0 ? 0 : Steps[^1].At + Steps[^1].Took;
}
