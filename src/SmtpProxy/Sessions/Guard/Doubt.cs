namespace SmtpProxy.Sessions.Guard;

/// <summary>Why a session may not go on: something is required of it, and nobody can say whether it is so.</summary>
internal enum Doubt : byte
{
    /// <summary>TLS is required, has not begun, and the dialogue that leads there cannot be followed.</summary>
    Insecure,

    /// <summary>The client seems to speak for others in a dialogue that cannot be followed.</summary>
    Unidentified,
}
