using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Upstreams.Preamble;

/// <summary>What a preamble waits for.</summary>
internal enum PreambleStep : byte
{
    /// <summary>The relay's greeting.</summary>
    Greeting,

    /// <summary>The reply to EHLO.</summary>
    Ehlo,

    /// <summary>The reply to STARTTLS.</summary>
    StartTls,

    /// <summary>The end of the TLS handshake.</summary>
    Handshake,

    /// <summary>The reply to EHLO inside TLS.</summary>
    EhloInside,

    /// <summary>The reply to XCLIENT.</summary>
    XClient,

    /// <summary>Nothing: it is over.</summary>
    Over,
}

/// <summary>What kind of thing is to be done next.</summary>
internal enum MoveKind : byte
{
    /// <summary>Nothing; more of what is awaited has to come.</summary>
    Wait,

    /// <summary>Send the octets to the relay, and wait for the reply.</summary>
    Say,

    /// <summary>Begin a TLS handshake with the relay.</summary>
    Shake,

    /// <summary>All is agreed. The octets are the greeting for whoever talks to the relay now.</summary>
    GoOn,

    /// <summary>The relay said something else than a greeting that can be answered, and nothing is required of it: the octets, and all that
    /// follows, are for whoever talks to it.</summary>
    HandOver,

    /// <summary>The relay turns this client away in its greeting's place; the octets say so. It must be
    /// told nothing more but QUIT.</summary>
    Refuse,

    /// <summary>This relay is no good.</summary>
    Fail,
}

/// <summary>What is to be done next.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Octets">A command, or what the relay said. With <see cref="MoveKind.Fail"/>: the reply that was
/// no good, where it was one.</param>
/// <param name="Outcome">With <see cref="MoveKind.Fail"/>: as what a dial of this relay counts.</param>
/// <param name="Why">With <see cref="MoveKind.Fail"/>: what was wrong with the relay, in words that name no address.</param>
internal readonly record struct PreambleMove(MoveKind Kind, byte[] Octets, DialOutcome Outcome = DialOutcome.Connected, string Why = "")
{
    /// <summary>Nothing to be done yet.</summary>
    public static readonly PreambleMove Wait = new(MoveKind.Wait, []);

    /// <summary>A handshake.</summary>
    public static readonly PreambleMove Shake = new(MoveKind.Shake, []);
}
