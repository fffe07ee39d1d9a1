using SmtpProxy.Admin.Fleet;

namespace SmtpProxy.Fleet;

/// <summary>Shows the fleet to the HTTP side.</summary>
internal sealed class FleetView(FleetIdentity identity, FleetState state, Members members, TimeProvider time, bool reads) : IFleetView
{
    /// <summary>Only those that the fleet's key has signed, and this process, which Redis need not have heard of yet.</summary>
    public IReadOnlyList<FleetPeer> Peers =>
    [
        .. members.All.Where(m => m.Id != identity.Id).Select(static m =>
            new FleetPeer(m.Id, m.Report.Node, false, FleetReadingRules.Address(m.Report.Admin)))
            .Prepend(new FleetPeer(identity.Id, identity.Name, true, null)).OrderBy(static p => p.Node, StringComparer.Ordinal),
    ];

    public FleetAnswer Now()
    {
        var ((name, reason, since), now) = (state.Now, time.GetUtcNow());
        return new FleetAnswer(name, reason, since, identity.Fleet, identity.Name, members.Configurations, reads,
            [.. members.All.Select(member => Shown(member, now))]);
    }

    private FleetMember Shown(Member member, DateTimeOffset now) => new(
        member.Id, member.Report.Node, member.Id == identity.Id, member.Report.Version, member.Report.Started,
        Math.Round((now - member.HeardAt).TotalSeconds, 1), member.Report.Sessions, member.Report.MaxSessions, member.Report.Cpu,
        member.Report.Configuration[..MemberReport.ShownConfiguration], member.Report.FaultsEnabled,
        member.Report.FaultsHalted, member.Report.FaultsRevision,
        FleetReadingRules.Address(member.Report.Admin)?.GetLeftPart(UriPartial.Authority));
}
