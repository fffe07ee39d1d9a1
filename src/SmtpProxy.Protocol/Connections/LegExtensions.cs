namespace SmtpProxy.Protocol.Connections;

/// <summary>What follows from being one of two.</summary>
public static class LegExtensions
{
    /// <summary>The leg that octets of this one go to.</summary>
    public static Leg Other(this Leg leg) => leg == Leg.Client ? Leg.Relay : Leg.Client;
}
