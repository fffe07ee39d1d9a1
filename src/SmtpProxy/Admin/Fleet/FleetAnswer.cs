namespace SmtpProxy.Admin.Fleet;

/// <summary>The fleet, as this proxy knows it.</summary>
/// <param name="State">off: there is none; joining: not heard yet; joined; degraded: this proxy acts alone.</param>
/// <param name="Reason">Why it is degraded.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="Name">The fleet's name.</param>
/// <param name="Node">This proxy's name.</param>
/// <param name="Configurations">How many different configurations its members have; more than 1 is drift.</param>
/// <param name="Reads">Whether this proxy asks the others for what they show (<c>SmtpProxy:Fleet:TokenFile</c>).</param>
/// <param name="Members">Who is there, as last heard.</param>
public sealed record FleetAnswer(
    string State, string? Reason, DateTimeOffset? Since, string? Name, string? Node, int Configurations, bool Reads,
    IReadOnlyList<FleetMember> Members)
{
    /// <summary>There is no fleet.</summary>
    public static FleetAnswer Off { get; } = new("off", null, null, null, null, 1, false, []);
}

/// <summary>A proxy of the fleet.</summary>
/// <param name="Id">The process; another one after a restart.</param>
/// <param name="Node">Its name.</param>
/// <param name="Self">It is the one that answers.</param>
/// <param name="Version">Of the product.</param>
/// <param name="Started">When it started.</param>
/// <param name="SilentFor">Seconds since it was last heard of.</param>
/// <param name="Sessions">Its sessions.</param>
/// <param name="MaxSessions">How many it may have; 0: no cap.</param>
/// <param name="Cpu">Processors that it keeps busy: 1 is a whole one.</param>
/// <param name="Configuration">Its configuration, but for what is its own, as a name: equal names, equal configurations.</param>
/// <param name="FaultsEnabled">Whether faults can be armed in it.</param>
/// <param name="FaultsHalted">Whether they are halted in it.</param>
/// <param name="FaultsRevision">The revision of its rules.</param>
/// <param name="Admin">Where its admin side is; null: it does not say (<c>SmtpProxy:Fleet:AdminUrl</c>).</param>
public sealed record FleetMember(
    string Id, string Node, bool Self, string Version, DateTimeOffset Started, double SilentFor, int Sessions, int MaxSessions, double Cpu,
    string Configuration, bool FaultsEnabled, bool FaultsHalted, long FaultsRevision, string? Admin);

/// <summary>Who knows the fleet. None is registered where there is no fleet.</summary>
public interface IFleetView
{
    /// <summary>The fleet at this moment, as far as it was heard; asks nobody.</summary>
    FleetAnswer Now();

    /// <summary>Who can be asked, this proxy included.</summary>
    IReadOnlyList<FleetPeer> Peers { get; }
}

/// <summary>A proxy of the fleet, as it is asked.</summary>
/// <param name="Id">The process.</param>
/// <param name="Node">Its name.</param>
/// <param name="IsSelf">It is this one.</param>
/// <param name="Admin">Where its admin side is; null: it does not say.</param>
public sealed record FleetPeer(string Id, string Node, bool IsSelf, Uri? Admin);
