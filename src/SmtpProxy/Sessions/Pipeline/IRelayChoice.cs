namespace SmtpProxy.Sessions.Pipeline;

/// <summary>The relays that a session may go to.</summary>
internal interface IRelayChoice
{
    /// <summary>There is one that was not tried.</summary>
    bool HasAnother { get; }
}
