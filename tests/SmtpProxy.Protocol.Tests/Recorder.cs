using System.Globalization;
using System.Text;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>Writes down the facts of a dialogue, in a form that tests can compare and people can read.</summary>
internal sealed class Recorder : IDialogueObserver
{
    private readonly SortedDictionary<(int Index, int Part), string> _exchanges = [];
    private readonly Dictionary<int, string> _verbs = [];
    private readonly List<string> _transactions = [];
    private readonly SortedSet<string> _anomalies = new(StringComparer.Ordinal);
    private readonly List<string> _capabilities = [];
    private readonly StringBuilder _facts = new();
    private bool _opaque;
    private bool _isInDoubt;

    /// <summary>The client shakes hands with who follows the dialogue: what the relay says meanwhile is told.</summary>
    public bool EndsTls { get; init; }

    /// <summary><c>verb:code</c> in command order, <c>p</c> = pipelined, <c>-</c> = no reply, <c>@n</c> = answers RCPT n; the
    /// greeting is not among them.</summary>
    public string Exchanges => string.Join(' ', _exchanges.Where(static e => e.Key.Index > 0).Select(static e => e.Value));

    /// <summary>Code of the greeting.</summary>
    public string Greeting => _exchanges.GetValueOrDefault((0, 0), "");

    /// <summary><c>via accepted/rejected wire/message code outcome end</c> of each.</summary>
    public string Transactions => string.Join("; ", _transactions);

    /// <summary>All that were reported, sorted.</summary>
    public string Anomalies => string.Join(' ', _anomalies);

    /// <summary>Lines behind the first of EHLO replies.</summary>
    public string Capabilities => string.Join('|', _capabilities);

    /// <summary>Everything but anomalies, in the order in which it was told.</summary>
    public string Facts => _facts.ToString();

    /// <summary>Every report of an anomaly, with whose octet it is at.</summary>
    public List<string> Positions { get; } = [];

    /// <summary>Every octet that was handed over.</summary>
    public StringBuilder Handed { get; } = new();

    public void Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        Hand(verb, arguments);
        var name = WireNames.Of(exchange.Verb) ?? Encoding.Latin1.GetString(verb).ToUpperInvariant();
        _verbs[exchange.Index] = name.Length == 0 ? "(empty)" : name;
        exchange.Mark = exchange.Index + 1;
        Tell($"opened {exchange.Index} {name} {exchange.Operation} {exchange.Size} {exchange.Last} {Encoding.Latin1.GetString(arguments)}");
    }

    public void Revealed(ref Exchange exchange, ReadOnlySpan<byte> arguments)
    {
        Hand(default, arguments);
        Tell($"revealed {exchange.Index} {Encoding.Latin1.GetString(arguments)}");
    }

    public void CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text)
    {
        _capabilities.Add(Encoding.Latin1.GetString(text));
        Tell($"capability {Encoding.Latin1.GetString(text)}");
    }

    public void RefusalLine(ref Exchange exchange, ReadOnlySpan<byte> text) =>
        Tell($"refusal {exchange.Index} {Encoding.Latin1.GetString(text)}");

    public void Continued(ref Exchange exchange, in Reply reply)
    {
        if (exchange.Verb != Verb.Auth)
        {
            Note(exchange, $"{reply.Code}");
        }

        Tell($"continued {exchange.Index} {reply.Code} {exchange.Challenges}");
    }

    public void Responded(ref Exchange exchange) => Tell($"responded {exchange.Index}");

    public void BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets) =>
        Tell($"body {endOfData.Index} {wireOctets} {messageOctets}");

    public void ChunkEnded(ref Exchange bdat) => Tell($"chunk {bdat.Index} {bdat.Size}");

    public void Answered(ref Exchange exchange, in Reply reply)
    {
        Assert.Equal(exchange.Index + 1, exchange.Mark);
        Hand(reply.Text, default);
        Note(exchange, reply.Enhanced.IsPresent ? $"{reply.Code}({reply.Enhanced})" : $"{reply.Code}");
        Tell($"answered {exchange.Index}.{exchange.Part} {reply.Code} {reply.Enhanced} {reply.Lines} " +
            $"{Encoding.Latin1.GetString(reply.Text)}");
    }

    public void Unanswered(ref Exchange exchange)
    {
        Note(exchange, "-");
        Tell($"unanswered {exchange.Index}.{exchange.Part}");
    }

    public void Withdrawn(ref Exchange endOfData)
    {
        Assert.DoesNotContain((endOfData.Index, 0), _exchanges.Keys);
        Tell($"withdrawn {endOfData.Index}");
    }

    public void Unsolicited(in Reply reply) => Tell($"unsolicited {reply.Code}");

    public void TransactionOpened(in Transaction transaction) => Tell($"transaction {transaction.MailIndex}");

    public void TransactionEnded(in Transaction transaction)
    {
        _transactions.Add(string.Create(CultureInfo.InvariantCulture,
            $"{transaction.Via} {transaction.Accepted}/{transaction.Rejected} {transaction.WireOctets}/{transaction.MessageOctets} " +
                $"{transaction.FinalCode} {transaction.Outcome} {transaction.End}"));
        Tell($"ended {_transactions[^1]}");
    }

    public void Anomalous(Anomaly anomaly, Leg leg, long octet)
    {
        Assert.True(octet >= 0);
        Positions.Add($"{WireNames.Of(anomaly)} {leg} {octet}");
        _anomalies.Add(WireNames.Of(anomaly));
    }

    public void BecameOpaque(OpaqueReason reason, Leg leg, long octet)
    {
        Tell($"opaque {reason}");
        _opaque = true;
        _isInDoubt = reason == OpaqueReason.Tls && leg == Leg.Client;
    }

    public void TrackedAgain()
    {
        _opaque = false;
        Tell("tracked again");
    }

    private void Note(in Exchange exchange, string reply) =>
        _exchanges[(exchange.Index, exchange.Part)] = string.Create(CultureInfo.InvariantCulture,
            $"{_verbs[exchange.Index]}:{reply}{(exchange.Pipelined ? "p" : "")}" +
                $"{(exchange.RecipientIndex >= 0 ? $"@{exchange.RecipientIndex}" : "")}");

    private void Tell(string fact)
    {
        // What may be TLS is settled when the relay has shown that it is.
        Assert.False(_opaque && !_isInDoubt && !EndsTls, $"behind opaque: {fact}");
        _facts.AppendLine(fact);
    }

    private void Hand(ReadOnlySpan<byte> one, ReadOnlySpan<byte> two) =>
        Handed.Append(Encoding.Latin1.GetString(one)).Append(' ').Append(Encoding.Latin1.GetString(two)).Append('\n');
}
