using SmtpProxy.Admin.Requests;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Fleet;

/// <summary>What this proxy says of itself.</summary>
internal sealed class FleetNode
{
    private readonly FleetIdentity _identity;
    private readonly Func<string> _configuration;
    private readonly Func<SessionLimits> _limits;
    private readonly SessionHost _sessions;
    private readonly FaultEngine _faults;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _started;
    private (long At, TimeSpan Used) _cpu;

    /// <summary>Creates it.</summary>
    /// <param name="identity">Who it is.</param>
    /// <param name="configuration">What of the configuration the members should have in common, as one text.</param>
    /// <param name="limits">The limits at this moment.</param>
    /// <param name="sessions">The sessions.</param>
    /// <param name="faults">The faults.</param>
    /// <param name="time">The clock.</param>
    public FleetNode(FleetIdentity identity, Func<string> configuration, Func<SessionLimits> limits, SessionHost sessions,
        FaultEngine faults, TimeProvider time)
    {
        (_identity, _configuration, _limits, _sessions, _faults, _time) = (identity, configuration, limits, sessions, faults, time);
        _started = time.GetUtcNow();
        _cpu = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
    }

    /// <summary>How it is at this moment. Called by the beat only.</summary>
    public MemberReport Report() => new(
        _identity.Name, ProductVersion.Text, _started, _sessions.Count, _limits().MaxSessions, Busy(),
        _identity.Key.NameOf(_configuration()), _faults.IsEnabled, _faults.IsHalted, _faults.Rules.Revision,
        _faults.RecentSessions(_time.GetUtcNow()), _identity.Admin);

    /// <summary>Processors kept busy since this was asked last.</summary>
    private double Busy()
    {
        var (before, now) = (_cpu, (At: _time.GetTimestamp(), Used: Environment.CpuUsage.TotalTime));
        _cpu = now;
        var passed = _time.GetElapsedTime(before.At, now.At);
        return passed > TimeSpan.Zero ? Math.Round((now.Used - before.Used) / passed, 2) : 0;
    }
}
