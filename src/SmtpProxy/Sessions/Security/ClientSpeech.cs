using SmtpProxy.Protocol;

namespace SmtpProxy.Sessions.Security;

/// <summary>The dialogue as the client has it, as far as whoever answers STARTTLS must know it.</summary>
internal sealed class ClientSpeech : IDialogueObserver
{
    private readonly Dialogue _dialogue;

    public ClientSpeech()
    {
        _dialogue = new Dialogue(this, DialogueLimits.Default);
        _dialogue.Start();
    }

    /// <summary>The command that ended with the octets that were read last; null: none did.</summary>
    public Verb? Ended { get; private set; }

    /// <summary>Whether something stands behind the verb.</summary>
    public bool HasArguments { get; private set; }

    /// <summary>AUTH was granted.</summary>
    public bool IsAuthenticated { get; private set; }

    /// <summary>A transaction is open.</summary>
    public bool InTransaction => _dialogue.InTransaction;

    /// <summary>What the client's next octets are.</summary>
    public ClientPhase Phase => _dialogue.ClientPhase;

    /// <summary>Part of a command has come.</summary>
    public bool InsideCommand => _dialogue.InsideCommand;

    /// <summary>Not followed any more.</summary>
    public bool IsOpaque => _dialogue.Opaque != OpaqueReason.None;

    /// <summary>Replies that the client waits for.</summary>
    public int Outstanding => _dialogue.Outstanding;

    /// <summary>What the next reply answers; null: nothing was asked.</summary>
    public Verb? Awaited => _dialogue.Outstanding > 0 ? _dialogue.Oldest.Verb : null;

    /// <summary>Reads octets of the client up to the end of an element.</summary>
    /// <returns>How many belong to it.</returns>
    public int Said(ReadOnlySpan<byte> octets)
    {
        Ended = null;
        return _dialogue.FromClient(octets, StopAt.Element);
    }

    /// <summary>Reads octets that the client is given, up to the end of a reply.</summary>
    /// <returns>How many belong to it.</returns>
    public int Heard(ReadOnlySpan<byte> octets) => _dialogue.FromServer(octets, StopAt.Element);

    /// <summary>TLS is established.</summary>
    public void Secured() => _dialogue.Secured();

    void IDialogueObserver.Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        if (exchange.Verb is not (Verb.Greeting or Verb.EndOfData))
        {
            (Ended, HasArguments) = (exchange.Verb, !arguments.Trim((byte)' ').IsEmpty);
        }
    }

    void IDialogueObserver.Answered(ref Exchange exchange, in Reply reply) =>
        IsAuthenticated |= exchange.Verb == Verb.Auth && reply.Severity == 2;
}
