using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Faults.Engine;

/// <summary>What is drawn for, in one session. A draw is made once for each connection, transaction or occurrence of
/// a rule and then stands. It is of the facts that the rule was asked about: those of a command, for its reply too.</summary>
internal sealed class SessionDraws(long seed, long listenerOrdinal, long clientOrdinal)
{
    private readonly Dictionary<(string Rule, int Transaction), (string Key, long Ordinal, bool NamesPeople)> _made = [];
    private (string Key, long Ordinal, bool NamesPeople) _last;
    private long _further;

    /// <summary>The key and the ordinal of the last draw, <c>key:ordinal</c>: with seed and rule they make the same number again.</summary>
    public string Last => string.Create(CultureInfo.InvariantCulture, $"{_last.Key}:{_last.Ordinal}");

    /// <summary>Whether that key is made of addresses.</summary>
    public bool NamesPeople => _last.NamesPeople;

    /// <summary>What was drawn for last, to be put back when a draw is gone on with after others.</summary>
    public (string Key, long Ordinal, bool NamesPeople) Drawn
    {
        get => _last;
        set => (_last, _further) = (value, 0);
    }

    /// <summary>What the occasions of a rule are counted by.</summary>
    public static string Scope(FaultRule rule, FaultFacts facts) => rule.Occurrence.Scope switch
    {
        "connection" => facts.Session,
        "client" => facts.Client.ToString(),
        "envelope" => Envelope(facts),
        _ => "",
    };

    /// <summary>Returns the draw for the rule here, from 0 (included) to 1.</summary>
    public double Draw(RuleState state, FaultFacts facts, bool peek)
    {
        var rule = state.Rule;
        var transaction = rule.SampleBy == "transaction" ? facts.Transactions : 0;
        if (rule.SampleBy == "occurrence" || !_made.TryGetValue((rule.Id, transaction), out _last))
        {
            var number = Hashed(rule.SampleBy switch
            {
                "connection" => string.Create(CultureInfo.InvariantCulture, $"{facts.Listener}\n{listenerOrdinal}"),
                _ when facts.MailFrom is null =>
                    string.Create(CultureInfo.InvariantCulture, $"{facts.Client}\n{clientOrdinal}\n{facts.Point}"),
                "transaction" => $"{facts.MailFrom}\n{facts.FirstRcptTo}",
                _ => Envelope(facts),
            });
            // Attempts at the same envelope are drawn for anew.
            _last = (number.ToString("x16", CultureInfo.InvariantCulture),
                rule.SampleBy == "connection" ? 1 : state.DrawOrdinal(number, peek),
                rule.SampleBy != "connection" && facts.MailFrom is not null);
            if (!peek && rule.SampleBy != "occurrence")
            {
                _made[(rule.Id, transaction)] = _last;
            }
        }

        _further = 0;
        return KeyedDraw.Of(seed, rule.Id, _last.Key, _last.Ordinal);
    }

    /// <summary>Returns the next number of the last draw's chain, from 0 (included) to 1; times are made of it.</summary>
    public double Next(FaultRule rule)
    {
        _further++;
        return KeyedDraw.Of(seed, rule.Id, string.Create(CultureInfo.InvariantCulture, $"{_last.Key}+{_further}"), _last.Ordinal);
    }

    private static string Envelope(FaultFacts facts) => $"{facts.MailFrom}\n{facts.RcptTo}";

    /// <summary>No address is in a key, but who knows the seed can find it by trying: see <see cref="Injection.ShownKey"/>.</summary>
    private ulong Hashed(string key)
    {
        Span<byte> secret = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(secret, seed);
        return BinaryPrimitives.ReadUInt64BigEndian(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(key)));
    }
}
