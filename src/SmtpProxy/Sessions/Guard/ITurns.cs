namespace SmtpProxy.Sessions.Guard;

/// <summary>Knows whose word is next.</summary>
internal interface ITurns
{
    /// <summary>Whether, between two replies of the relay, the next word is the proxy's.</summary>
    bool IsInterrupted();
}
