using SmtpProxy.Protocol.Connections;


namespace SmtpProxy.Faults.Model;

/// <summary>The words for the sides of a session.</summary>
internal static class Sides
{
    /// <summary>The leg that client or upstream (the relay) names; null for both.</summary>
    public static Leg? Of(string side) => side switch
    {
        "client" => Leg.Client,
        "upstream" => Leg.Relay,
        _ => null,
    };

    /// <summary>fin or reset.</summary>
    public static EndKind How(string how) => how == "reset" ? EndKind.Reset : EndKind.Fin;
}
