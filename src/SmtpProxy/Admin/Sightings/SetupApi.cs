using SmtpProxy.Admin.Requests;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Live;
using SmtpProxy.Sessions;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin.Sightings;

/// <summary><c>/api/v1/setup</c>: the configuration as it stands, and <c>/api/v1/now</c>.</summary>
internal static class SetupApi
{
    /// <summary>Maps <c>/api/v1/now</c>.</summary>
    public static void MapNow(this RouteGroupBuilder own) =>
        own.MapGet("/api/v1/now", static (NowView now) => Results.Text(now.Text(), "application/json")).Produces<NowAnswer>()
            .WithMetadata(ServedToFleet.Mark).WithTags("now").WithSummary("Is mail flowing, and if not, who is it");

    /// <summary>Maps <c>/api/v1/setup</c>.</summary>
    public static void MapSetup(this RouteGroupBuilder own, Func<IReadOnlyList<ShownSetting>> settings) =>
        own.MapGet("/api/v1/setup", (IServiceProvider services, IHostEnvironment environment) => Results.Json(new SetupAnswer(
                ProductVersion.Text, environment.EnvironmentName, settings(), [.. Warnings(services)], new PageSettings(
                    services.GetRequiredService<LiveOptions>().TraceLink,
                    [.. OpenListener.Of(services.GetRequiredService<Readiness>().Listeners)])), SightingApiJson.Default.SetupAnswer))
            .Produces<SetupAnswer>().WithTags("setup")
            .WithSummary("The effective configuration, with where each value came from; no secrets");

    private static IEnumerable<SetupWarning> Warnings(IServiceProvider services)
    {
        var relays = services.Relays().ToList();
        foreach (var cluster in relays.Where(static r => r.Discards).Select(static r => r.Cluster).Distinct())
        {
            yield return new SetupWarning("red", $"MAIL IS DISCARDED: cluster {cluster} leads to the embedded sink.");
        }

        foreach (var relay in relays.Where(static r => r.TrustsProxy == true))
        {
            yield return new SetupWarning("red",
                $"Relay {relay.Cluster}/{relay.Destination} trusts the proxy's address, and is not told who its clients are: every " +
                    $"client may be what the proxy may be.");
        }

        if (services.GetRequiredService<FaultEngine>().Status() is { Armed: true } faults)
        {
            yield return new SetupWarning("red", $"{faults.Rules.Count(static r => r.Armed)} faults are armed: mail is broken on purpose.");
        }

        if (!services.GetRequiredService<Logins>().AreNeeded)
        {
            yield return new SetupWarning("note", "Everybody on this machine may see this: there is no token.");
        }
    }
}

/// <summary>The configuration as it stands.</summary>
/// <param name="Version">The product's version.</param>
/// <param name="Environment">The environment's name, such as Production.</param>
/// <param name="Settings">Every setting, by key.</param>
/// <param name="Warnings">What somebody should know.</param>
/// <param name="Page">What the page itself is to know.</param>
internal sealed record SetupAnswer(string Version, string Environment, IReadOnlyList<ShownSetting> Settings,
    IReadOnlyList<SetupWarning> Warnings, PageSettings Page);

/// <summary>What somebody should know.</summary>
/// <param name="Level"><c>red</c>: mail is lost, exposed or broken; <c>note</c>.</param>
/// <param name="Text">A sentence.</param>
internal sealed record SetupWarning(string Level, string Text);

/// <summary>What the page itself is to know.</summary>
/// <param name="TraceLink">Where it leads from a trace's id, with <c>{trace_id}</c> in its place; null: nowhere.</param>
/// <param name="Listeners">What is open for clients.</param>
internal sealed record PageSettings(string? TraceLink, IReadOnlyList<OpenListener> Listeners);
