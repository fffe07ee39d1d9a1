using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SmtpProxy.Admin;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Live;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Telemetry;
using SmtpProxy.Upstreams;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>The admin side alone, on a real Kestrel: nothing listens for mail.</summary>
internal sealed class AdminRig : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AdminRig(WebApplication app)
    {
        _app = app;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public Readiness Readiness => _app.Services.GetRequiredService<Readiness>();

    /// <summary>What is kept of sessions.</summary>
    public SightingStore Sightings => _app.Services.GetRequiredService<SightingStore>();

    public IRelayPool Relays => _app.Services.GetRequiredService<IRelayPool>();

    /// <summary>Starts it, with these settings beside a cluster <c>relays</c> with the relays a and b.</summary>
    public static async Task<AdminRig> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kestrel:Endpoints:Admin:Url"] = "http://127.0.0.1:0",
            ["ReverseProxy:Clusters:relays:LoadBalancingPolicy"] = "FirstAlphabetical",
            ["ReverseProxy:Clusters:relays:Destinations:a:Address"] = "smtp://192.0.2.1",
            ["ReverseProxy:Clusters:relays:Destinations:b:Address"] = "smtp://192.0.2.2:2525",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.WebHost.UseKestrel(static (host, kestrel) =>
        {
            AdminServer.Bound(kestrel);
            kestrel.Configure(host.Configuration.GetSection("Kestrel"));
        });
        builder.Services.AddRouting();
        builder.Services.AddSmtpProxyTelemetry(builder.Configuration);
        builder.Services.AddUpstreams(builder.Configuration);
        builder.Services.AddLive(builder.Configuration);
        builder.Services.AddFaults(static () => new FaultsOptions());
        builder.Services.AddAdmin(builder.Configuration);
        builder.Services.AddSingleton(static s => new SessionHost(
            static () => new SessionLimits(), s.GetRequiredService<IRelayPool>(), s.GetRequiredService<ITelemetry>(),
            s.GetRequiredService<ILogger<SessionHost>>()));
        var app = builder.Build();
        app.MapAdmin(DidYouMean.Hint);
        app.MapUpstreams();
        await app.StartAsync();
        // In the product the listeners ask for it, and thereby for the gauges.
        app.Services.GetRequiredService<SessionHost>();
        return new AdminRig(app);
    }

    /// <summary>Asks for a path; with a token and under another name of the server, if given.</summary>
    public async Task<HttpResponseMessage> AskAsync(string path, string? authorization = null, string? host = null,
        HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Host = host;
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await Http.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(string path, string? authorization = null, string? host = null)
    {
        using var response = await AskAsync(path, authorization, host);
        return response.StatusCode;
    }

    /// <summary>Opens a stream; null: there is no place.</summary>
    public Task<SentEvents?> TryStreamAsync(string path) => SentEvents.TryOpenAsync(Http, path);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
