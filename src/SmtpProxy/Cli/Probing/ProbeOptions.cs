using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using SmtpProxy.Inspection;
using SmtpProxy.Tls;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Cli.Probing;

/// <summary>The options of <c>probe</c>, and the plan that they make.</summary>
internal sealed class ProbeOptions
{
    private readonly Argument<RelayAddress> _server = new("server") { CustomParser = Server };
    private readonly Option<string?> _to = new("--to") { CustomParser = Path };
    private readonly Option<string?> _from = new("--from") { CustomParser = Path };
    private readonly Option<string?> _name = new("--name") { CustomParser = Path };
    private readonly Option<bool> _startTls = new("--starttls");
    private readonly Option<bool> _noStartTls = new("--no-starttls");
    private readonly Option<bool> _lmtp = new("--lmtp");
    private readonly Option<bool> _noData = new("--no-data");
    private readonly Option<string?> _ca = new("--ca") { CustomParser = Authorities };
    private readonly Option<string?> _tlsName = new("--tls-name");
    private readonly Option<ProxyVersion> _header = new("--proxy-protocol") { CustomParser = Header };
    private readonly Option<TimeSpan> _timeout = new("--timeout")
        { DefaultValueFactory = static _ => TimeSpan.FromSeconds(30), CustomParser = Time };
    private readonly Option<int> _count = new("--count") { DefaultValueFactory = static _ => 1, CustomParser = Count };
    private readonly Option<TimeSpan> _interval = new("--interval")
        { DefaultValueFactory = static _ => TimeSpan.FromSeconds(1), CustomParser = Time };
    private readonly Option<bool> _json = new("--json");
    private readonly Option<bool> _score = new("--score");

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_server);
        foreach (var option in (Option[])[_to, _from, _name, _startTls, _noStartTls, _lmtp, _noData, _ca, _tlsName, _header, _timeout,
            _count, _interval, _json, _score])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(_startTls) is { Implicit: false } && result.GetResult(_noStartTls) is { Implicit: false })
            {
                result.AddError(
                    "--starttls and --no-starttls exclude each other; write one of them, or none to use STARTTLS where it is offered");
            }
        });
    }

    /// <summary>What the command line asks for.</summary>
    public WalkPlan Read(ParseResult parsed) => new(parsed.GetValue(_server)!)
    {
        To = parsed.GetValue(_to) ?? "Postmaster",
        From = parsed.GetValue(_from) ?? "",
        Name = parsed.GetValue(_name),
        StartTls = parsed.GetValue(_startTls) ? TlsWish.Required : parsed.GetValue(_noStartTls) ? TlsWish.Never : TlsWish.Offered,
        IsLmtp = parsed.GetValue(_lmtp),
        StopsBeforeData = parsed.GetValue(_noData),
        Header = parsed.GetValue(_header),
        Patience = parsed.GetValue(_timeout),
        Trust = parsed.GetValue(_ca) is { } file ? RelayTrust.Authorities(file) : RelayTrust.System,
        CertificateName = parsed.GetValue(_tlsName),
    };

    /// <summary>How many walks; 0: until it is stopped.</summary>
    public int Times(ParseResult parsed) => parsed.GetValue(_count);

    /// <summary>From the end of one walk to the beginning of the next.</summary>
    public TimeSpan Interval(ParseResult parsed) => parsed.GetValue(_interval);

    /// <summary>For a script.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>A report card instead of a waterfall.</summary>
    public bool IsScore(ParseResult parsed) => parsed.GetValue(_score);

    private static RelayAddress Server(ArgumentResult result)
    {
        if (RelayAddress.TryRead(result.Tokens[0].Value, out var address) is { } problem)
        {
            result.AddError($"the server {problem}");
        }

        return address!;
    }

    /// <summary>What stands in a command line of SMTP must not end it, nor the path.</summary>
    private static string? Path(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var bare = text is ['<', .., '>'] ? text[1..^1] : text;
        if (bare.Any(static c => c is <= ' ' or > '~' or '<' or '>') || Encoding.UTF8.GetByteCount(bare) > 320)
        {
            result.AddError(
                $"{Name(result)}: write an address such as me@example.org, of printable ASCII and at most 320 octets, without blanks");
            return null;
        }

        return bare;
    }

    private static string? Authorities(ArgumentResult result)
    {
        var file = result.Tokens[0].Value;
        if (RelayTrust.Problem(file) is { } problem)
        {
            result.AddError($"--ca {file}: {problem}");
        }

        return file;
    }

    private static ProxyVersion Header(ArgumentResult result)
    {
        if (Enum.TryParse<ProxyVersion>(result.Tokens[0].Value, ignoreCase: true, out var version) && version != ProxyVersion.None
            && !char.IsAsciiDigit(result.Tokens[0].Value[0]))
        {
            return version;
        }

        result.AddError($"--proxy-protocol {result.Tokens[0].Value}: write v1 or v2");
        return ProxyVersion.None;
    }

    private static int Count(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return count;
        }

        result.AddError($"--count {result.Tokens[0].Value}: write how often, such as 10; 0 goes on until Ctrl+C");
        return 0;
    }

    private static TimeSpan Time(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var (number, unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 0.001)
            : text.EndsWith('s') ? (text[..^1], 1)
            : text.EndsWith('m') ? (text[..^1], 60)
            : (text, 1);
        if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value * unit is > 0 and <= 3600)
        {
            return TimeSpan.FromSeconds(value * unit);
        }

        result.AddError($"{Name(result)} {text}: write a number and ms, s or m, such as 500ms, 5s or 1m; at most 60m");
        return TimeSpan.FromSeconds(1);
    }

    private static string Name(ArgumentResult result) => result.Parent is OptionResult option ? option.Option.Name : "the argument";
}
