using System.CommandLine;

namespace SmtpProxy.Cli.Watching;

/// <summary>Which sessions are watched: the filters of the API, by the same names.</summary>
internal sealed class WatchFilters
{
    private static readonly string[] Names = ["listener", "cluster", "relay", "client", "code", "enhanced", "outcome", "diagnosis",
        "anomaly", "tls", "slower-than"];

    /// <summary>What may be typed while it runs: those of the command line, and what else the API can be asked for.</summary>
    public static IReadOnlyList<string> Typed { get; } = [.. Names, "verdict", "faulted", "live", "noise"];

    private readonly Option<string?>[] _values = [.. Names.Select(static name => new Option<string?>($"--{name}"))];
    private readonly Option<bool> _faulted = new("--faulted");
    private readonly Option<bool> _failed = new("--failed");

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[.. _values, _faulted, _failed])
        {
            command.Add(option);
        }
    }

    /// <summary>Whether only sessions with something wrong are wanted.</summary>
    public bool OnlyFailed(ParseResult parsed) => parsed.GetValue(_failed);

    /// <summary>As a query, without the question mark; empty: all.</summary>
    public string Query(ParseResult parsed) => string.Join('&',
    [
        .. _values.Select(option => (option.Name, Value: parsed.GetValue(option))).Where(static o => o.Value is not null)
            .Select(static o => $"{o.Name[2..].Replace('-', '_')}={Uri.EscapeDataString(o.Value!)}"),
        .. parsed.GetValue(_faulted) ? (string[])["faulted=true"] : [],
    ]);
}
