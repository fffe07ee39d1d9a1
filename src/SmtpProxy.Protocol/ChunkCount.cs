using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol;

/// <summary>Counts the octets of a BDAT chunk (RFC 3030 2).</summary>
internal struct ChunkCount
{
    /// <summary>Octets that are still to come.</summary>
    public long Left { get; set; }

    /// <summary>Octets passed; true after the last, which is reported.</summary>
    public bool Pass(DialogueState talk, long octets)
    {
        Left -= octets;
        if (Left > 0)
        {
            return false;
        }

        // The chunk's exchange is the youngest, unless the relay answered before the chunk was complete.
        if (talk.Queue.Count > 0 && talk.Queue.Youngest.Verb == Verb.Bdat)
        {
            talk.Queue.Youngest.IsComplete = true;
            talk.Observer.ChunkEnded(ref talk.Queue.Youngest);
        }

        return true;
    }
}
