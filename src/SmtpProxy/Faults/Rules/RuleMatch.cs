using System.Net;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Rules;

/// <summary>The conditions of a rule.</summary>
public sealed class RuleMatch
{
    private readonly Values _values;
    private readonly IPNetwork[] _in;
    private readonly IPNetwork[] _notIn;
    private readonly Glob[] _helo;
    private readonly Glob[] _from;
    private readonly Glob[] _to;
    private readonly ReplyCodes _replies;

    private RuleMatch(Values values, IPNetwork[] isIn, IPNetwork[] notIn, ReplyCodes replies)
    {
        (_values, _in, _notIn, _replies) = (values, isIn, notIn, replies);
        _helo = [.. values.Texts("heloName").Select(static p => new Glob(p))];
        _from = [.. values.Texts("mailFrom").Select(static p => new Glob(p))];
        _to = [.. values.Texts("rcptTo").Select(static p => new Glob(p))];
    }

    /// <summary>It can only be judged when the relay has answered.</summary>
    public bool NeedsReply => !_replies.IsAny;

    /// <summary>What it asks of the relay's reply.</summary>
    internal ReplyCodes Replies => _replies;

    /// <summary>Of the networks that it is limited to, none has a client that is not excluded.</summary>
    internal bool ExcludesEveryClient =>
        _in.Length > 0
        && Array.TrueForAll(_in, its => Array.Exists(_notIn, not => not.PrefixLength <= its.PrefixLength && not.Contains(its.BaseAddress)));

    /// <summary>How many recipients there must be; null: any.</summary>
    internal Bounds<long>? RecipientCount => _values.IntegerRange("recipientCount");

    /// <summary>The how manieth transaction it must be; null: any.</summary>
    internal Bounds<long>? Transactions => _values.IntegerRange("transactionsInSession");

    /// <summary>How old the session must be; null: of any age.</summary>
    internal Bounds<TimeSpan>? Elapsed => _values.DurationRange("elapsed");

    /// <summary>It speaks of an envelope, so that a session without one cannot match.</summary>
    public bool NeedsEnvelope => _from.Length > 0 || _to.Length > 0 || _values.Has("recipientCount") || _values.Has("declaredSize");

    /// <summary>It speaks of recipients.</summary>
    public bool NeedsRecipient => _to.Length > 0 || _values.Has("recipientCount");

    /// <summary>It speaks of what the client says of itself first.</summary>
    public bool NeedsName => _helo.Length > 0 || _values.Flag("authenticated");

    /// <summary>Names of clusters or destinations that it is limited to; empty: to none.</summary>
    public IReadOnlyList<string> Upstreams => _values.Texts("upstream");

    /// <summary>Names of listeners that it is limited to; empty: to none.</summary>
    public IReadOnlyList<string> Listeners => _values.Texts("listener");

    /// <summary>Makes it of what was read.</summary>
    public static RuleMatch Create(Values values, List<RuleError> errors)
    {
        var (isIn, notIn) = (new List<IPNetwork>(), new List<IPNetwork>());
        foreach (var text in values.Texts("clientCidr"))
        {
            var plain = text.TrimStart('!');
            plain = plain.Contains('/', StringComparison.Ordinal)
                ? plain : plain + (plain.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");
            // A client that came by IPv4 is known by that address: nobody would be in such a network, or kept out with it.
            if (IPNetwork.TryParse(plain, out var network) && !network.BaseAddress.IsIPv4MappedToIPv6)
            {
                (text.StartsWith('!') ? notIn : isIn).Add(network);
            }
            else
            {
                errors.Add(new RuleError("match.clientCidr",
                    $"\"{text}\" is not a network; write such as 10.20.0.0/16, or !10.20.1.0/24 for \"not this one\""));
            }
        }

        foreach (var tls in values.Texts("tls").Where(static t => t is not ("plain" or "terminated" or "opaque")))
        {
            errors.Add(new RuleError("match.tls", $"\"{tls}\" is not one of plain, terminated, opaque"));
        }

        var replies = ReplyCodes.Of(values.Texts("upstreamReply"), "match.upstreamReply", errors);
        return new RuleMatch(values, [.. isIn], [.. notIn], replies);
    }

    /// <summary>Whether a session can ever match, by what never changes in it.</summary>
    public bool CanFit(FaultFacts facts) => Any("listener", facts.Listener) && FitsClient(facts.Client);

    /// <summary>Whether everything holds now.</summary>
    public bool Fits(FaultFacts facts) => MayFit(facts) && _replies.Includes(facts.RelayCode);

    /// <summary>Whether everything holds but what it asks of the relay's reply, which is not there yet.</summary>
    public bool MayFit(FaultFacts facts) => CanFit(facts)
        && (Upstreams.Count == 0 || Any("upstream", facts.Cluster) || (facts.Destination is { } relay && Any("upstream", relay)))
        && Fits(_helo, facts.HeloName) && Fits(_from, facts.MailFrom) && Fits(_to, facts.RcptTo)
        && Any("tls", facts.IsOpaque ? "opaque" : facts.IsTlsTerminated ? "terminated" : "plain")
        && (!_values.Has("authenticated") || _values.Flag("authenticated") == facts.IsAuthenticated)
        && (_values.IntegerRange("recipientCount")?.Contains(facts.RecipientCount) ?? true)
        && (_values.IntegerRange("declaredSize") is not { } size || (facts.DeclaredSize is { } declared && size.Contains(declared)))
        && (_values.IntegerRange("transactionsInSession")?.Contains(facts.Transactions) ?? true)
        && (_values.DurationRange("elapsed")?.Contains(facts.Elapsed) ?? true);

    private static bool Fits(Glob[] patterns, string? text) =>
        patterns.Length == 0 || (text is not null && Array.Exists(patterns, p => p.Fits(text)));

    private bool Any(string name, string text) =>
        _values.Texts(name) is not { Count: > 0 } names || names.Contains(text, StringComparer.OrdinalIgnoreCase);

    private bool FitsClient(IPAddress client) =>
        (_in.Length == 0 || Array.Exists(_in, n => n.Contains(client))) && !Array.Exists(_notIn, n => n.Contains(client));
}
