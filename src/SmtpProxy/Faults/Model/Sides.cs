
namespace SmtpProxy.Faults.Model;

/// <summary>The words for the sides of a session.</summary>
internal static class Sides
{
    /// <summary>both, client or upstream.</summary>
    public static FaultSide Of(string side) => side switch
    {
        "client" => FaultSide.Client,
        "upstream" => FaultSide.Upstream,
        _ => FaultSide.Both,
    };

    /// <summary>fin or reset.</summary>
    public static EndHow How(string how) => how == "reset" ? EndHow.Reset : EndHow.Fin;
}
