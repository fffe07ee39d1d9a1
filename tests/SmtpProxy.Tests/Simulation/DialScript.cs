using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

/// <summary>What comes of dials, in order. A dial beyond the script connects.</summary>
public sealed class DialScript
{
    private readonly Queue<(DialOutcome? Outcome, TimeSpan After)> _answers = new();
    private readonly List<DialTarget> _targets = [];

    /// <summary>What is short where a dial ends with <see cref="DialOutcome.NotDialled"/>.</summary>
    public Shortage Shortage { get; set; } = Shortage.Descriptors;

    /// <summary>Every dial so far.</summary>
    public IReadOnlyList<DialTarget> Targets => _targets;

    /// <summary>The next dial ends like this after a time; <see cref="DialOutcome.TimedOut"/> always after
    /// the dial's own timeout.</summary>
    public DialScript Then(DialOutcome outcome, TimeSpan after = default)
    {
        _answers.Enqueue((outcome, after));
        return this;
    }

    /// <summary>The next dial never ends, not even at its timeout: only the session's own timers are left.</summary>
    public DialScript ThenNothing()
    {
        _answers.Enqueue((null, default));
        return this;
    }

    /// <summary>The answer to this dial and the virtual moment when it comes; null for never.</summary>
    internal (DialOutcome Outcome, long At)? Answer(in DialTarget target, long now)
    {
        _targets.Add(target);
        var (outcome, after) = _answers.TryDequeue(out var scripted) ? scripted : (DialOutcome.Connected, default);
        if (outcome is not { } certain)
        {
            return null;
        }

        return certain == DialOutcome.TimedOut || (target.Timeout > TimeSpan.Zero && after >= target.Timeout)
            ? (DialOutcome.TimedOut, now + VirtualTime.Ticks(target.Timeout))
            : (certain, now + VirtualTime.Ticks(after));
    }

    internal DialResult Result(DialOutcome outcome, EndPoint target) => outcome == DialOutcome.Connected
        ? new DialResult(outcome, new IPEndPoint(IPAddress.Parse("198.51.100.1"), 40_001), target, null)
        : new DialResult(outcome, null, null, $"simulated: {outcome}")
            { Shortage = outcome == DialOutcome.NotDialled ? Shortage : Shortage.None };
}
