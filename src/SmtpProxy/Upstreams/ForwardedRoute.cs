namespace SmtpProxy.Upstreams;

/// <summary>Marks the end points of the HTTP routes, behind which other applications answer.</summary>
internal sealed class ForwardedRoute
{
    private static readonly ForwardedRoute Mark = new();

    /// <summary>Whether an end point is one.</summary>
    public static bool Is(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<ForwardedRoute>() is not null;

    /// <summary>Marks what is mapped.</summary>
    public static void Put(IEndpointConventionBuilder mapped) => mapped.Add(static endpoint => endpoint.Metadata.Add(Mark));
}
