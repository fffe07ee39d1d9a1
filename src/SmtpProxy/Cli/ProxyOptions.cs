using System.CommandLine;
using System.Globalization;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Cli;

/// <summary>The options that say what the proxy does: short names for what the configuration says too. Shared by all commands
/// that read a configuration.</summary>
internal sealed class ProxyOptions
{
    private const string DefaultListener = ProgramDefaults.Listener;
    private const string DefaultCluster = ProgramDefaults.Cluster;

    private readonly Option<string[]> _config = new("--config") { HelpName = "FILE" };
    private readonly Option<string[]> _listen = new("--listen") { HelpName = "ADDR:PORT" };
    private readonly Option<string[]> _relay = new("--relay") { HelpName = "smtp://HOST[:PORT]" };
    private readonly Option<string?> _proxyProtocol = new("--proxy-protocol") { HelpName = "v1|v2" };
    private readonly Option<bool> _xclient = new("--xclient");
    private readonly Option<bool> _faults = new("--faults");
    private readonly Option<string?> _admin = new("--admin") { HelpName = "URL" };
    private readonly Option<string?> _journal = new("--journal") { HelpName = "PATH|-" };
    private readonly Option<string?> _addresses = new("--addresses") { HelpName = "none|domain|hash|full" };

    /// <summary>What a shell offers for those whose values are few.</summary>
    public ProxyOptions()
    {
        _config.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static file => file.Value.Length == 0))
            {
                result.AddError("--config names no file; write the path of a file of settings, such as /etc/smtpproxy/appsettings.json");
            }
        });
        _proxyProtocol.CompletionSources.Add("v1", "v2");
        _addresses.CompletionSources.Add("none", "domain", "hash", "full");
    }

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_listen);
        command.Add(_relay);
        command.Add(_proxyProtocol);
        command.Add(_xclient);
        command.Add(_faults);
        AddOutputsTo(command);
    }

    /// <summary>Gives a command those that say what is told where, without listeners and relays.</summary>
    public void AddOutputsTo(Command command)
    {
        command.Add(_config);
        command.Add(_admin);
        command.Add(_journal);
        command.Add(_addresses);
    }

    /// <summary>What a command line overrides. Keys that are written out win over the short names.</summary>
    public Overrides Read(ParseResult parsed, IReadOnlyDictionary<string, string?> keys)
    {
        var replaced = new List<string>();
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (parsed.GetValue(_listen) is { Length: > 0 } listen)
        {
            const string section = $"{Settings.Section}:Listeners";
            replaced.Add(section);
            for (var i = 0; i < listen.Length; i++)
            {
                // The first keeps its name, so that a dashboard shows the same listener whichever way it was configured.
                var name = i == 0 ? DefaultListener : $"{DefaultListener}-{(i + 1).ToString(CultureInfo.InvariantCulture)}";
                values[$"{section}:{name}:Address"] = listen[i];
                values[$"{section}:{name}:Cluster"] = DefaultCluster;
            }
        }

        if (parsed.GetValue(_relay) is { Length: > 0 } relay)
        {
            const string section = $"{Roots.Clusters}:{DefaultCluster}:Destinations";
            replaced.Add(section);
            for (var i = 0; i < relay.Length; i++)
            {
                values[$"{section}:relay-{(i + 1).ToString(CultureInfo.InvariantCulture)}:Address"] = relay[i];
            }

            values[$"{Settings.Section}:Sink:Enabled"] = "false";
        }

        const string metadata = $"{Roots.Clusters}:{DefaultCluster}:Metadata";
        Set($"{metadata}:Smtp.ProxyProtocol", parsed.GetValue(_proxyProtocol), values);
        Set($"{metadata}:Smtp.XClient", parsed.GetValue(_xclient) ? "true" : null, values);
        var outputs = ReadOutputs(parsed, keys);
        foreach (var (key, value) in outputs.Values)
        {
            values[key] = value;
        }

        var areFaultsOn = parsed.GetValue(_faults);
        if (areFaultsOn)
        {
            values.TryAdd($"{Settings.Section}:Faults:Enabled", "true");
        }

        return outputs with { Replaced = replaced, Values = values, Environment = areFaultsOn ? Environments.Staging : null };
    }

    /// <summary>What a command line overrides, without listeners and relays.</summary>
    public Overrides ReadOutputs(ParseResult parsed, IReadOnlyDictionary<string, string?> keys)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Set($"{Roots.Http}:Endpoints:Admin:Url", parsed.GetValue(_admin), values);
        Set($"{Settings.Section}:Journal:Path", parsed.GetValue(_journal), values);
        Set($"{Settings.Section}:Privacy:Addresses", parsed.GetValue(_addresses), values);
        foreach (var (key, value) in keys)
        {
            values[key] = value;
        }

        return new Overrides([], values) { Files = parsed.GetValue(_config) ?? [] };
    }

    private static void Set(string key, string? value, Dictionary<string, string?> values)
    {
        if (value is not null)
        {
            values[key] = value;
        }
    }
}
