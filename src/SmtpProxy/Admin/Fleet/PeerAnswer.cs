using System.Text.Json;

namespace SmtpProxy.Admin.Fleet;

/// <summary>What a member of the fleet answered.</summary>
/// <param name="Peer">The member.</param>
/// <param name="Status">HTTP's status; 0: there was no answer that could be read.</param>
/// <param name="Body">The answer.</param>
/// <param name="Lost">Why there is none to use; null: there is one.</param>
internal sealed record PeerAnswer(FleetPeer Peer, int Status, JsonElement Body, Unanswered? Lost)
{
    /// <summary>It is good.</summary>
    public bool IsGood => Lost is null;

    /// <summary>There is none.</summary>
    public static PeerAnswer None(FleetPeer peer, string reason, string detail, int status = 0) =>
        new(peer, status, default, new Unanswered(peer.Node, peer.Id, reason, detail));

    /// <summary>What was answered is not what was asked for.</summary>
    public PeerAnswer Unreadable() => None(Peer, "unreadable", "It answered something else than was asked for.");
}

/// <summary>A proxy of the fleet of which an answer shows nothing.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Id">The process; null: none of this name was heard of.</param>
/// <param name="Reason"><c>not_published</c> (it says no address), <c>timeout</c>, <c>unreachable</c>, <c>refused</c>, <c>too_large</c>,
/// <c>unreadable</c>, <c>busy</c> (its turn did not come), <c>gone</c>.</param>
/// <param name="Detail">A sentence.</param>
internal sealed record Unanswered(string Node, string? Id, string Reason, string Detail);
