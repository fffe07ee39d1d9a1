using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy.Configuration;

namespace SmtpProxy.Upstreams;

/// <summary>Holds the <c>ReverseProxy</c> section against what can run, before anything runs.</summary>
public static class UpstreamsValidator
{
    /// <summary>The configuration section.</summary>
    internal const string Section = "ReverseProxy";

    /// <summary>What is wrong, each with the key's full path and the remedy; empty when all is well.</summary>
    /// <param name="configuration">All of it: listeners say which clusters hold relays.</param>
    /// <param name="hint">Ends a sentence that refuses a name: given it and all that are known.</param>
    public static IEnumerable<string> Validate(IConfiguration configuration, Func<string, IReadOnlyCollection<string>, string> hint)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(Section);
        var keys = new YarpKeys(hint);
        string[] errors =
        [
            .. keys.CheckNames(section, Section, ["Clusters", "Routes"]),
            .. section.GetSection("Clusters").GetChildren().SelectMany(c => keys.Check(c, typeof(ClusterConfig), c.Path)),
            .. section.GetSection("Routes").GetChildren().SelectMany(r => keys.Check(r, typeof(RouteConfig), r.Path)),
            .. new ClusterRules(configuration, hint).Check(),
            .. new RouteRules(section, hint).Check(),
        ];

        // What YARP finds has no path of a key: it has the last word, not the first.
        return errors.Length > 0 ? errors : DryRun.Check(configuration);
    }

    /// <summary>What is wrong with a relay's address in this version, and what would be right; null when nothing is.</summary>
    internal static string? AddressError(string? text, out RelayAddress? address) =>
        RelayAddress.TryRead(text, out address);
}
