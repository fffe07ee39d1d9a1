using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>The client's end of a pipeline, as far as other filters have to know it.</summary>
internal abstract class ClientEnd : SessionFilter
{
    /// <summary>Between transactions, with nothing asked: another may begin to look at the dialogue here.</summary>
    public abstract bool IsAtRest { get; }

    /// <summary>The session ended badly, whatever faults had to do with it; final when it is closed.</summary>
    public abstract bool HasFailed { get; }

    /// <summary>Whether a leg does not take octets that are for it.</summary>
    public abstract bool IsBlocked(Leg to);

    /// <summary>The dialogue goes on with words that the client does not get: it got something else in their place.</summary>
    /// <param name="octets">The words.</param>
    /// <param name="origin">Whose they are.</param>
    public abstract void FeedHidden(ReadOnlySpan<byte> octets, Origin origin);

    /// <summary>The client says no more.</summary>
    public abstract void ClientEnded(EndKind how);
}
