using SmtpProxy.Faults;
using SmtpProxy.Protocol;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Both directions of a session whose dialogue is looked at element by element.</summary>
internal sealed class FaultPipeline
{
    /// <summary>Creates them.</summary>
    /// <param name="wire">The connections.</param>
    /// <param name="faults">What strikes.</param>
    /// <param name="facts">What is known.</param>
    /// <param name="joined">The dialogue is joined in its midst, and this is its protocol; null: from the greeting on.</param>
    public FaultPipeline(FaultWire wire, ISessionFaults faults, FaultFacts facts, DialogueProtocol? joined)
    {
        Client = new ClientView(facts, joined);
        Relay = new RelayView(joined);
        Commands = new CommandGate(wire, faults, facts, Client, Relay);
        Slots = new SlotQueue(wire, Client, Commands.Pump);
        Replies = new ReplyGate(wire, faults, facts, Relay, Slots);
        Commands.Bind(Replies, Slots);
    }

    /// <summary>Another relay takes the place of one of which the client has heard nothing: what that one owed is not waited for any more.</summary>
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
        Relay.Secured();
    }

    /// <summary>The connection is over: nothing that waits is sent any more.</summary>
    public void Over()
    {
        Commands.Drop();
        Slots.Abandon();
        Client.Over();
        Relay.Over();
    }

    /// <summary>What the client said and heard.</summary>
    public ClientView Client { get; }

    /// <summary>What the relay heard and said.</summary>
    public RelayView Relay { get; }

    /// <summary>Client to relay.</summary>
    public CommandGate Commands { get; }

    /// <summary>What the client expects.</summary>
    public SlotQueue Slots { get; }

    /// <summary>Relay to client.</summary>
    public ReplyGate Replies { get; }
}
