using SmtpProxy.Configuration;
using SmtpProxy.Faults;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;
using SmtpProxy.Transport.Selection;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Listening;

/// <summary>Puts the path of a connection together: transport, sessions, listeners.</summary>
internal static class ListeningRegistration
{
    /// <summary>Adds <see cref="ITransport"/>, <see cref="SessionHost"/>, <see cref="ServerCertificates"/> and <see cref="Listeners"/>.
    /// Needs telemetry and a relay pool beside them.</summary>
    public static IServiceCollection AddListening(this IServiceCollection services, ValidatedConfiguration configuration)
    {
        var kind = configuration.Current.Transport;
        services.AddSingleton(static s => new ConnectionBudget(s.GetRequiredService<ITelemetry>().LimitHit));
        services.AddSingleton(s => TransportFactory.Create(kind, s.GetRequiredService<ILoggerFactory>(),
            s.GetRequiredService<ConnectionBudget>(),
            s.GetRequiredService<ITelemetry>().Lagged));
        services.AddSingleton<Capacity>();
        services.AddSingleton(s => new SessionHost(() => configuration.Current.Limits, s.GetRequiredService<IRelayPool>(),
            s.GetRequiredService<ITelemetry>(), s.GetRequiredService<ILogger<SessionHost>>(), s.GetService<IFaultEngine>(),
            s.GetRequiredService<ServerCertificates>(), s.GetService<ICommonLimits>()));
        services.AddSingleton(s => new ServerCertificates(
            configuration.Current.Listeners.Select(static l => KeyValuePair.Create(l.Key, l.Value.Tls)), TimeProvider.System,
            s.GetRequiredService<ILogger<ServerCertificates>>()));
        return services.AddSingleton<Listeners>();
    }
}
