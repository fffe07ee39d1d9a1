using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Telemetry.Facts;

/// <summary>What an open session waits for: <c>smtpproxy.waiting_for</c>. Up to the last operation it is the relay's reply to it, of which
/// the name is the operation's; after that come the values that are here.</summary>
internal static class WaitingFor
{
    /// <summary>The client's next command (<c>client_command</c>).</summary>
    public const int ClientCommand = (int)Operation.Quit + 1;

    /// <summary>More of the client's message (<c>client_message</c>).</summary>
    public const int ClientMessage = ClientCommand + 1;

    /// <summary>The client, to take octets (<c>client_read</c>).</summary>
    public const int ClientRead = ClientCommand + 2;

    /// <summary>The relay, to take octets (<c>relay_read</c>).</summary>
    public const int RelayRead = ClientCommand + 3;

    /// <summary>Whoever speaks in a session that is not followed (<c>opaque</c>).</summary>
    public const int Opaque = ClientCommand + 4;

    /// <summary>The end of what a fault holds (<c>fault</c>).</summary>
    public const int Fault = ClientCommand + 5;

    private static readonly string[] Names =
    [
        .. Enumerable.Range(0, ClientCommand).Select(static o => WireNames.Of((Operation)o)),
        "client_command", "client_message", "client_read", "relay_read", "opaque", "fault",
    ];

    /// <summary>The attribute's value.</summary>
    public static string NameOf(int what) => Names[what];

    /// <summary>Whether it is the relay that is waited for.</summary>
    public static bool IsRelay(int what) => what is < ClientCommand or RelayRead;
}
