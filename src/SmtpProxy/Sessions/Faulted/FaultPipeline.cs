using SmtpProxy.Faults;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Both directions of a session whose dialogue is looked at element by element.</summary>
internal sealed class FaultPipeline
{
    /// <summary>Creates them.</summary>
    /// <param name="context">The session, whose dialogues have parted.</param>
    /// <param name="wire">The connections.</param>
    /// <param name="faults">What strikes.</param>
    /// <param name="facts">What is known.</param>
    public FaultPipeline(SessionContext context, FaultWire wire, ISessionFaults faults, FaultFacts facts)
    {
        Client = new ClientView(facts, context.Dialogue);
        Relay = context.RelayDialogue!;
        Commands = new CommandGate(wire, faults, facts, Client, Relay);
        Slots = new SlotQueue(wire, Commands.Pump, Commands.Understand);
        Replies = new ReplyGate(wire, faults, facts, Relay, Slots);
        Commands.Bind(Replies, Slots);
        context.Client.HasEarlier = Slots.IsGrantLater;
    }

    /// <summary>Another relay takes the place of one of which the client has heard nothing: what that one owed is
    /// not waited for any more.</summary>
    public void Renew()
    {
        Relay.Renew();
        Replies.Renew();
        Slots.Renew();
    }

    /// <summary>TLS is established: both dialogues begin anew.</summary>
    public void Secured()
    {
        Client.Secured();
        Commands.Secured();
        if (!Relay.IsRead)
        {
            Relay.Secured();
        }
    }

    /// <summary>The connection is over: nothing that waits is sent any more.</summary>
    public void Over()
    {
        Commands.Drop();
        Slots.Abandon();
        Relay.Over();
    }

    /// <summary>What the client said and heard.</summary>
    public ClientView Client { get; }

    /// <summary>What the relay heard and said.</summary>
    public RelayDialogue Relay { get; }

    /// <summary>Client to relay.</summary>
    public CommandGate Commands { get; }

    /// <summary>What the client expects.</summary>
    public SlotQueue Slots { get; }

    /// <summary>Relay to client.</summary>
    public ReplyGate Replies { get; }
}
