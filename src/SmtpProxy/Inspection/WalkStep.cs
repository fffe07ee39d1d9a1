using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Inspection;

/// <summary>One step of a walk.</summary>
/// <param name="Name">That of the operation as telemetry has it, and <c>dns</c>, <c>close</c>.</param>
/// <param name="Operation">The operation; null where a dialogue has none.</param>
/// <param name="At">When it began, in milliseconds since the walk did.</param>
/// <param name="Took">Milliseconds.</param>
internal sealed record WalkStep(string Name, Operation? Operation, double At, double Took)
{
    /// <summary>What was said; null: nothing.</summary>
    public string? Command { get; init; }

    /// <summary>What was answered; null: nothing.</summary>
    public HeardReply? Reply { get; init; }

    /// <summary>What there is to tell beside the reply.</summary>
    public string? Note { get; init; }

    /// <summary>Why the walk ends here; null: it goes on.</summary>
    public string? Problem { get; init; }
}
