using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Running;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Configuration.Sources;
using SmtpProxy.Demo;

namespace SmtpProxy.Cli;

/// <summary><c>demo</c>: proxy, relays and a lively mix of traffic, so that there is something to see.</summary>
internal static class DemoCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="proxy">The options of <c>run</c>; those that do not fit are left out.</param>
    /// <param name="keys">The configuration that the command line spells out.</param>
    /// <param name="build">Puts the proxy together.</param>
    public static Command Create(ProxyOptions proxy, IReadOnlyDictionary<string, string?> keys,
        Func<ValidatedConfiguration, ProxyRun> build)
    {
        var rate = new Option<double>("--rate") { DefaultValueFactory = static _ => new DemoOptions().Rate, CustomParser = ReadRate };
        var duration = new Option<TimeSpan?>("--duration") { CustomParser = ReadDuration };
        var seed = new Option<int>("--seed") { DefaultValueFactory = static _ => new DemoOptions().Seed };
        var port = new Option<int>("--port") { DefaultValueFactory = static _ => 2525, CustomParser = ReadPort };
        var faults = new Option<bool>("--faults");
        var command = new TaughtCommand("demo", "the proxy with relays and lively traffic, to look at", HelpText.Demo)
            { rate, duration, seed, port, faults };
        proxy.AddOutputsTo(command);
        command.SetAction(async (parsed, _) =>
        {
            using var signals = new SurvivedSignals();
            var options = new DemoOptions(parsed.GetValue(rate), parsed.GetValue(duration), parsed.GetValue(seed));
            await using var relays = new RelayPark();
            await relays.OpenAsync().ConfigureAwait(false);
            using var configuration = ConfigurationSetup.Load(With(proxy.ReadOutputs(parsed, keys), relays, parsed.GetValue(port),
                parsed.GetValue(faults)));
            await using var run = build(configuration);
            var demo = new DemoRun(options, relays, parsed.InvocationConfiguration.Output);
            return await run.RunAsync((listeners, urls, stopping) => demo.RunAsync(
                listeners.ToDictionary(static l => l.Name, static l => (IPEndPoint)l.Address), urls.First(), stopping))
                    .ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>Rules that harm little: recipients that take longer now and then, submitters who are asked to come back, and a 250 that is
    /// lost once in a while.</summary>
    private static Dictionary<string, string?> Faults => new()
    {
        ["Enabled"] = "true",
        ["AllowedEnvironments"] = ConfigurationSetup.EnvironmentName,
        ["AllowDuplicateRisk"] = "true",
        ["Rules:ack-lost:At"] = "endOfData",
        ["Rules:ack-lost:Match:Listener"] = Site.Inbound,
        ["Rules:ack-lost:Probability"] = "0.02",
        ["Rules:ack-lost:Action:Type"] = "ackLoss",
        ["Rules:ack-lost:Action:Then"] = "reset",
        ["Rules:slow-recipients:At"] = "rcpt",
        ["Rules:slow-recipients:Match:Listener"] = Site.Inbound,
        ["Rules:slow-recipients:Occurrence:Every"] = "20",
        ["Rules:slow-recipients:Action:Type"] = "delay",
        ["Rules:slow-recipients:Action:Duration"] = "00:00:00.3",
        ["Rules:try-later:At"] = "rcpt",
        ["Rules:try-later:Match:Listener"] = Site.Submission,
        ["Rules:try-later:Occurrence:Every"] = "5",
        ["Rules:try-later:Action:Type"] = "reply",
        ["Rules:try-later:Action:Code"] = "451",
        ["Rules:try-later:Action:Enhanced"] = "4.3.0",
    };

    /// <summary>Submission's TLS ends at the proxy; programs that know none reach a provider over TLS.</summary>
    private static Dictionary<string, string?> Tls(RelayPark relays) => new()
    {
        [$"{Settings.Section}:Listeners:{Site.Submission}:Tls:Mode"] = "StartTls",
        [$"{Settings.Section}:Listeners:{Site.Submission}:Tls:Certificates:0:Certificate"] = relays.Certificate.Path,
        [$"{Roots.Clusters}:smarthosts:Metadata:Smtp.Tls"] = "None",
        [$"{Settings.Section}:Listeners:{Site.Programs}:Tls:Mode"] = "None",
        [$"{Roots.Clusters}:providers:Metadata:Smtp.Tls"] = "Required",
        [$"{Roots.Clusters}:providers:Metadata:Smtp.TlsPins"] = relays.Fingerprint,
    };

    /// <summary>The configuration of the demo; what the command line spells out wins.</summary>
    private static Overrides With(Overrides said, RelayPark relays, int port, bool faults)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            // The sinks that play the relays are the demo's.
            [$"{Settings.Section}:Sink:Enabled"] = "false",
            // Shorter than RFC 5321's ten minutes, so that a relay which never answers can be seen to be given up.
            [$"{Settings.Section}:Limits:FinalReply"] = "00:00:08",
            // A few more than its clients open: one that has left may have a session that goes on.
            [$"{Settings.Section}:Limits:MaxSessions"] = (Traffic.MaxOpen + (Traffic.MaxOpen / 4)).ToString(CultureInfo.InvariantCulture),
            [$"{Settings.Section}:Limits:Drain"] = "00:00:03",
        };
        List<string> replaced = [.. said.Replaced, $"{Settings.Section}:Listeners"];
        foreach (var (n, (listener, cluster)) in Site.Listeners.Index())
        {
            values[$"{Settings.Section}:Listeners:{listener}:Address"] = string.Create(CultureInfo.InvariantCulture,
                $"127.0.0.1:{(port == 0 ? 0 : port + n)}");
            values[$"{Settings.Section}:Listeners:{listener}:Cluster"] = cluster;
            replaced.Add($"{Roots.Clusters}:{cluster}");
        }

        foreach (var (cluster, name, _, address) in relays.Relays)
        {
            values[$"{Roots.Clusters}:{cluster}:Destinations:{name}:Address"] = $"smtp://{address}";
        }

        foreach (var (key, value) in Tls(relays))
        {
            values[key] = value;
        }

        foreach (var (key, value) in faults ? Faults : [])
        {
            values[$"{Settings.Section}:Faults:{key}"] = value;
        }

        foreach (var (key, value) in said.Values)
        {
            values[key] = value;
        }

        return said with { Replaced = replaced, Values = values };
    }

    private static double ReadRate(ArgumentResult result)
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate)
            && rate is > 0 and <= DemoOptions.MaxRate)
        {
            return rate;
        }

        result.AddError(
            $"--rate {result.Tokens[0].Value}: write how many sessions a second shall begin, above 0 and at most {DemoOptions.MaxRate}, " +
                $"such as 20 or 0.5");
        return 0;
    }

    private static int ReadPort(ArgumentResult result)
    {
        var last = IPEndPoint.MaxPort - Site.Listeners.Length + 1;
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= last)
        {
            return port;
        }

        result.AddError(
            $"--port {result.Tokens[0].Value}: write the first of {Site.Listeners.Length} ports in a row, at most {last}, or 0 for free " +
                $"ones");
        return 0;
    }

    private static TimeSpan? ReadDuration(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var unit = text.Length > 1 ? text[^1] : ' ';
        var seconds = unit switch { 's' => 1, 'm' => 60, 'h' => 3_600, _ => 0 };
        if (seconds > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * seconds is > 0 and <= 86_400)
        {
            return TimeSpan.FromSeconds(number * seconds);
        }

        result.AddError($"--duration {text}: write a number and s, m or h, such as 90s, 10m or 1h; at most 24h");
        return null;
    }
}
