using SmtpProxy.Admin;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Cli.Output;
using SmtpProxy.Cli.Running;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Fleet;
using SmtpProxy.Listening;
using SmtpProxy.Live;
using SmtpProxy.Sink;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;
using SmtpProxy.Upstreams;

namespace SmtpProxy;

/// <summary>What a proxy is made of.</summary>
internal static class Composition
{
    /// <summary>Puts one together.</summary>
    /// <param name="configuration">Its configuration.</param>
    /// <param name="takesSignals">Whether the process is its own, and signals end it.</param>
    public static ProxyRun Compose(ValidatedConfiguration configuration, bool takesSignals)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "SmtpProxy",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = ConfigurationSetup.EnvironmentName,
        });
        builder.UseValidated(configuration);
        builder.Logging.AddStandardErrorLog(builder.Configuration);
        // Without HTTP/3, which is not offered: it would be loaded all the same.
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(static (host, kestrel) =>
        {
            AdminServer.Bound(kestrel);
            kestrel.ApplicationServices.GetRequiredService<HttpConnections>().Watch(kestrel, AdminServer.MostConnections(Capacity.ForHttp));
            kestrel.Configure(host.Configuration.GetSection("Kestrel"));
        });
        builder.Services.AddRouting();
        builder.Services.AddLifetime(takesSignals);
        builder.Services.AddSmtpProxyTelemetry(builder.Configuration);
        builder.Services.AddUpstreams(builder.Configuration);
        builder.Services.AddLive(builder.Configuration);
        builder.Services.AddAdmin(builder.Configuration);
        builder.Services.AddSink(builder.Configuration);
        builder.Services.AddFaults(() => configuration.Current.Faults);
        builder.Services.AddListening(configuration);
        builder.Services.AddFleet(configuration.Current.Fleet, () => configuration.Current.Limits,
            () => SharedSettings.Of(configuration));

        var app = builder.Build();
        configuration.Applied += _ => app.Services.GetRequiredService<FaultEngine>().Reload();
        app.MapAdmin(DidYouMean.Hint, () => EffectiveSettings.Of(configuration));
        app.MapUpstreams();
        return new ProxyRun(app, () => app.Urls);
    }
}
