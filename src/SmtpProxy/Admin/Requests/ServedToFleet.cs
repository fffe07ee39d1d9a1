namespace SmtpProxy.Admin.Requests;

/// <summary>Marks an endpoint that members of the fleet may read with the fleet's token: it changes nothing, shows no setting, and asks no
/// other member.</summary>
internal sealed class ServedToFleet
{
    /// <summary>The mark.</summary>
    public static ServedToFleet Mark { get; } = new();
}
