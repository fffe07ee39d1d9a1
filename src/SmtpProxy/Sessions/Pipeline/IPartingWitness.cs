namespace SmtpProxy.Sessions.Pipeline;

/// <summary>Reads the dialogue that the relay has.</summary>
internal interface IPartingWitness
{
    /// <summary>Client and relay have a dialogue each from here on, between two transactions: the relay's is this.</summary>
    void Part(RelayDialogue relays);
}
