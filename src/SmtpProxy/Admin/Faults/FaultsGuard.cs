using SmtpProxy.Faults.Engine;

namespace SmtpProxy.Admin.Faults;

/// <summary>Nobody may change faults where they are not enabled.</summary>
internal sealed class FaultsGuard(FaultEngine engine) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (HttpMethods.IsGet(request.Method))
        {
            return next(context);
        }

        if (!engine.IsEnabled && !request.Path.Value!.EndsWith("/explain", StringComparison.Ordinal))
        {
            return ValueTask.FromResult<object?>(FaultsProblem.Conflict(
                "Faults are not enabled in this process",
                "Start it with --SmtpProxy:Faults:Enabled=true in an allowed environment (DOTNET_ENVIRONMENT=Staging, for example)."));
        }

        return next(context);
    }
}
