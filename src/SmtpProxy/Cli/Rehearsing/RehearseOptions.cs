using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Files;
using SmtpProxy.Rehearsals.Files;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>The options of <c>rehearse</c>.</summary>
internal sealed class RehearseOptions
{
    private readonly Argument<string[]> _files = new("file") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _client = new("--client") { HelpName = "COMMAND" };
    private readonly Option<string?> _admin = new("--admin") { HelpName = "URL" };
    private readonly Option<string?> _token = new("--token-file") { HelpName = "FILE" };
    private readonly Option<string?> _smtp = new("--smtp") { HelpName = "HOST:PORT" };
    private readonly Option<double?> _scale = new("--scale") { CustomParser = Number };
    private readonly Option<string?> _junit = new("--junit") { HelpName = "FILE" };
    private readonly Option<string?> _markdown = new("--markdown") { HelpName = "FILE" };
    private readonly Option<bool> _json = new("--json");
    private readonly Option<bool> _check = new("--check");
    private readonly Option<bool> _schema = new("--schema");

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_files);
        foreach (var option in (Option[])[_client, _admin, _token, _smtp, _scale, _junit, _markdown, _json, _check, _schema])
        {
            command.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="RehearsalRefusedException">It cannot be.</exception>
    public RehearseRequest Read(ParseResult parsed)
    {
        var files = parsed.GetValue(_files) ?? [];
        var admin = parsed.GetValue(_admin);
        if (files.Length == 0 && !parsed.GetValue(_schema))
        {
            throw new RehearsalRefusedException(
                ["name a file, such as greylist.rehearsal.yaml; smtpproxy rehearse --help has examples"]);
        }

        Uri? address = null;
        if (admin is not null && !(Uri.TryCreate(admin, UriKind.Absolute, out address) && address.Scheme is "http" or "https"
            && FaultsCommand.HasHost(address)))
        {
            throw new RehearsalRefusedException(
                [$"--admin {admin}: write the admin address of a proxy that runs in staging, such as http://127.0.0.1:9025"]);
        }

        if (admin is null && (parsed.GetValue(_smtp) ?? parsed.GetValue(_token)) is not null)
        {
            throw new RehearsalRefusedException(["--smtp and --token-file go with --admin: without it the proxy is this command's own"]);
        }

        return new RehearseRequest(files, parsed.GetValue(_client), address, Token(parsed.GetValue(_token)), Smtp(parsed.GetValue(_smtp)),
            parsed.GetValue(_scale), parsed.GetValue(_junit), parsed.GetValue(_markdown), parsed.GetValue(_json), parsed.GetValue(_check),
            parsed.GetValue(_schema));
    }

    private static string? Token(string? file)
    {
        if (file is null)
        {
            return Environment.GetEnvironmentVariable(Configuration.Schema.OwnVariables.Token);
        }

        try
        {
            return WholeFile.Text(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RehearsalRefusedException([$"--token-file {file}: {e.Message}"]);
        }
    }

    private static (string Host, int Port)? Smtp(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= IPEndPoint.MaxPort
            ? (text[..colon].Trim('[', ']'), port)
            : throw new RehearsalRefusedException([$"--smtp {text}: write where the client shall send to, such as staging.example.org:25"]);
    }

    private static double? Number(ArgumentResult result)
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= 1000)
        {
            return number;
        }

        result.AddError($"--scale {result.Tokens[0].Value}: write a number above 0; 0.001 makes every second a millisecond");
        return null;
    }
}

/// <summary>What <c>rehearse</c> was asked for.</summary>
/// <param name="Files">The files.</param>
/// <param name="Client">The client's command in place of the files'; null: theirs.</param>
/// <param name="Admin">The proxy that is rehearsed with; null: an own one.</param>
/// <param name="Token">Its token; null: none.</param>
/// <param name="Smtp">Where clients connect to it; null: as its settings say.</param>
/// <param name="Scale">What times are multiplied by, in place of the files' own.</param>
/// <param name="JUnit">Where the report for CI goes.</param>
/// <param name="Markdown">Where the report for people goes.</param>
/// <param name="IsJson">Whether standard output gets a line of JSON for each result.</param>
/// <param name="IsCheck">Whether the files are read, and nothing is run.</param>
/// <param name="IsSchema">Whether the schema is printed.</param>
internal sealed record RehearseRequest(
    IReadOnlyList<string> Files, string? Client, Uri? Admin, string? Token, (string Host, int Port)? Smtp, double? Scale, string? JUnit,
    string? Markdown, bool IsJson, bool IsCheck, bool IsSchema);
