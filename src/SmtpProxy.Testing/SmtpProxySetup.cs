using System.Globalization;
using SmtpProxy.Cli.Rehearsing;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Sink;

namespace SmtpProxy.Testing;

/// <summary>What a proxy is started with.</summary>
public sealed class SmtpProxySetup
{
    private readonly List<PlannedRelay> _own = [];
    private readonly Dictionary<string, string> _others = new(StringComparer.Ordinal);

    internal SmtpProxySetup()
    {
    }

    internal bool HasStartTls { get; private set; }

    internal long SeedOfDraws { get; private set; } = 1;

    internal Dictionary<string, string?> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Mail goes to this relay, instead of the proxy's own. Said again: to another one as well, which takes over where
    /// one is away.</summary>
    /// <param name="host">Its name or address.</param>
    /// <param name="port">Its port.</param>
    public SmtpProxySetup ForwardTo(string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        var name = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        _others[Name()] = string.Create(CultureInfo.InvariantCulture, $"{name}:{port}");
        return this;
    }

    /// <summary>Mail goes to a relay of the proxy's own that answers so. Said again: one more such relay.</summary>
    /// <param name="answers">As the sink has them: <c>451-rcpt</c>, <c>delay-300ms-dot</c>, several with a plus between them; empty: it
    /// takes all mail.</param>
    /// <exception cref="ArgumentException">It is no list of answers.</exception>
    public SmtpProxySetup RelayThatAnswers(string answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        if (!SinkOptions.AreAnswers(answers))
        {
            throw new ArgumentException($"\"{answers}\" is not a list of answers, such as 421 or delay-1s-greeting+450-rcpt (docs/sink.md)",
                nameof(answers));
        }

        _own.Add(new PlannedRelay(Name(), answers, IsAway: false));
        return this;
    }

    /// <summary>One of the relays is away: nothing listens at its address.</summary>
    public SmtpProxySetup RelayThatIsAway()
    {
        _own.Add(new PlannedRelay(Name(), "", IsAway: true));
        return this;
    }

    /// <summary>The proxy offers STARTTLS, with a certificate that is made for it; see
    /// <see cref="SmtpProxyHost.CertificateFile"/>.</summary>
    public SmtpProxySetup WithStartTls()
    {
        HasStartTls = true;
        return this;
    }

    /// <summary>What draws of faults are made from: the same seed and the same mail give the same faults. 1 unless said.</summary>
    /// <param name="seed">From 1.</param>
    public SmtpProxySetup WithSeed(int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seed, 1);
        SeedOfDraws = seed;
        return this;
    }

    /// <summary>Any other setting of the proxy, such as <c>SmtpProxy:Limits:Command</c>.</summary>
    /// <param name="key">Its whole key.</param>
    /// <param name="value">Its value.</param>
    public SmtpProxySetup With(string key, string value)
    {
        Settings[key] = value;
        return this;
    }

    /// <summary>Opens the relays of its own.</summary>
    /// <returns>The address of each relay by its name.</returns>
    internal async Task<IReadOnlyDictionary<string, string>> OpenAsync(RelayStand stand)
    {
        if (_own.Count > 0 || _others.Count == 0)
        {
            await stand.OpenAsync(_own).ConfigureAwait(false);
        }

        return _others.Concat(stand.Addresses.Select(static own => KeyValuePair.Create(own.Key, own.Value.ToString()!)))
            .ToDictionary(StringComparer.Ordinal);
    }

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"relay-{_own.Count + _others.Count + 1}");
}
