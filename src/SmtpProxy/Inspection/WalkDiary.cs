using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Inspection;

/// <summary>Writes down the steps of a walk as they happen.</summary>
/// <param name="time">The clock.</param>
internal sealed class WalkDiary(TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private readonly List<WalkStep> _steps = [];
    private WalkStep? _open;

    /// <summary>The steps that have ended.</summary>
    public IReadOnlyList<WalkStep> Steps => _steps;

    /// <summary>The operation of the last step.</summary>
    public Operation? Current => (_open ?? _steps[^1]).Operation;

    /// <summary>A step begins.</summary>
    public void Begin(string name, Operation? operation, string? command) =>
        _open = new WalkStep(name, operation, time.GetElapsedTime(_began).TotalMilliseconds, 0) { Command = command };

    /// <summary>It has ended.</summary>
    public void End(HeardReply? reply = null, string? note = null) => Close(step => step with { Reply = reply, Note = note });

    /// <summary>It has failed.</summary>
    public void Fail(string problem) => Close(step => step with { Problem = problem });

    private void Close(Func<WalkStep, WalkStep> how)
    {
        if (_open is { } open)
        {
            _steps.Add(how(open with { Took = time.GetElapsedTime(_began).TotalMilliseconds - open.At }));
            _open = null;
        }
    }
}
