using SmtpProxy.Admin.Fleet;

namespace SmtpProxy.Fleet;

/// <summary>Shows the fleet to the HTTP side.</summary>
internal sealed class FleetView(FleetIdentity identity, FleetState state, Members members, TimeProvider time) : IFleetView
{
    public FleetAnswer Now()
    {
        var ((name, reason, since), now) = (state.Now, time.GetUtcNow());
        return new FleetAnswer(name, reason, since, identity.Fleet, identity.Name, members.Configurations,
            [.. members.All.Select(member => Shown(member, now))]);
    }

    private FleetMember Shown(Member member, DateTimeOffset now) => new(
        member.Id, member.Report.Node, member.Id == identity.Id, member.Report.Version, member.Report.Started,
        Math.Round((now - member.HeardAt).TotalSeconds, 1), member.Report.Sessions, member.Report.MaxSessions, member.Report.Cpu,
        member.Report.Configuration[..12], member.Report.FaultsEnabled, member.Report.FaultsHalted, member.Report.FaultsRevision);
}
