using System.Diagnostics;
using System.Net;
using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Tls;

namespace SmtpProxy.Telemetry.Records;

/// <summary>What the journal and the trace will say of one session, gathered on the session's loop without allocating in the long run, and
/// turned into JSON elsewhere. Bounded: beyond <see cref="MaxEntries"/> exchanges or <see cref="MaxText"/> octets of text, or when all
/// records hold as much as they may, the rest is counted and not kept.</summary>
/// <param name="memory">What its memory is charged to.</param>
internal sealed class SessionRecord(RecordShare memory)
{
    /// <summary>Octets of text that are kept of a session.</summary>
    public const int MaxText = 1 << 20;

    /// <summary>Octets that a record may hold and be used again: memory that one big session needed is not kept for others.</summary>
    private const int Small = 256 * 1024;

    private readonly RecordShare _memory = memory;
    private readonly MailOpenings _mails = new(memory);
    private ulong _anomaliesSeen;

    public SessionId Session { get; set; }
    public string Listener { get; private set; } = "";
    public string Cluster { get; private set; } = "";
    public string? Destination { get; set; }
    public EndPoint? Client { get; private set; }
    public EndPoint? Relay { get; set; }
    public EndPoint? RelayLocal { get; set; }
    public DateTimeOffset Started { get; private set; }

    /// <summary><see cref="Started"/> in ticks of the monotonic clock.</summary>
    public long StartedAt { get; private set; }

    /// <summary>The id of the session's trace; null where none is kept.</summary>
    public string? TraceId { get; set; }

    public AddressFilter Addresses { get; private set; } = AddressFilter.None;
    public int MaxEntries { get; private set; }

    /// <summary>The greeting; <see cref="ExchangeEntry.Code"/> 0 = none came.</summary>
    public ExchangeEntry Greeting;

    /// <summary>Exchanges in the order in which they were opened, replies that share a command where they came.</summary>
    public RecordBuffer<ExchangeEntry> Exchanges { get; } = new();

    public List<TransactionEntry> Transactions { get; } = [];
    /// <summary><see cref="ExchangeEntry.Index"/> of every RCPT of every transaction.</summary>
    public List<int> Recipients { get; } = [];

    public List<ushort> FinalCodes { get; } = [];

    /// <summary>Attempts to reach a relay, in order.</summary>
    public List<DialEntry> Dials { get; } = [];
    public CapabilityList Capabilities { get; } = new(memory);
    public TextArena Text { get; } = new(MaxText, memory);

    /// <summary>Each once, in order of first appearance.</summary>
    public List<Anomaly> Anomalies { get; } = [];

    /// <summary><c>error.type</c> of the first transaction that failed; null while none has.</summary>
    public string? FirstFailure { get; private set; }

    public int ExchangesDropped { get; set; }
    public int TransactionsDropped { get; set; }

    /// <summary>Faults that were injected, in the order in which they were over.</summary>
    public List<FaultNote> Faults { get; } = [];

    /// <summary>How the relay was told the client's address; null: it was not.</summary>
    public IntroductionNote? Introduction { get; set; }

    /// <summary>What the client said of itself when TLS began that passes through; null: nothing that was understood.</summary>
    public ClientHello? Hello { get; set; }

    /// <summary>The proxy's own handshakes, with the client and with the relay; null: none.</summary>
    public HandshakeNote? ClientTls { get; set; }
    public HandshakeNote? RelayTls { get; set; }

    // Settled when the session is over.
    public DialogueProtocol Protocol { get; set; }
    public TlsState Tls { get; set; }
    public FinalState FinalState { get; set; }
    public bool IsOpaque { get; set; }
    public OpaqueNote Opaque { get; set; }
    public SessionOutcome Outcome { get; set; }
    public long ClientOctets { get; set; }
    public long RelayOctets { get; set; }
    public Shares Shares { get; set; }

    /// <summary>What was wrong with the session; null: nothing.</summary>
    public Finding? Finding { get; set; }

    /// <summary>Which line of the session it is, from 1; 0: there is one for all of it.</summary>
    public int Part { get; set; }

    /// <summary>The session goes on: there is no outcome yet.</summary>
    public bool IsOngoing { get; set; }

    /// <summary>Who still reads it besides the one that gives it back first; it is used again when nobody does.</summary>
    public int OtherReaders;

    /// <summary>Whether it is small enough to be used again.</summary>
    public bool IsSmall => _memory.Held <= Small;

    /// <summary>Whether not all of it was kept.</summary>
    public bool IsCutShort => _memory.IsCutShort;

    /// <summary>Makes it the record of a new session.</summary>
    public void Begin(string listener, string cluster, EndPoint client, (DateTimeOffset Wall, long At) started, AddressFilter addresses,
        int maxEntries)
    {
        (Listener, Cluster, Client, Addresses, MaxEntries) = (listener, cluster, client, addresses, maxEntries);
        (Started, StartedAt, TraceId) = (started.Wall, started.At, null);
        Session = SessionId.New(started.Wall);
        (Destination, Relay, RelayLocal, Greeting) = (null, null, null, default);
        (Finding, Introduction, Hello, ClientTls, RelayTls) = (null, null, null, null, null);
        (ExchangesDropped, TransactionsDropped, _anomaliesSeen, FirstFailure, Part, IsOngoing) = (0, 0, 0, null, 0, false);
        _memory.Begin();
        Forget();
        Dials.Clear();
        Capabilities.Clear();
        Anomalies.Clear();
        Faults.Clear();
    }

    /// <summary>A fault was injected.</summary>
    public void Injected(FaultNote note) => Add(Faults, note);

    /// <summary>Empties it of exchanges and transactions; none may be open.</summary>
    public void Forget()
    {
        _mails.Clear();
        Exchanges.Clear();
        Transactions.Clear();
        Recipients.Clear();
        FinalCodes.Clear();
        Text.Clear();
        _memory.Resume();
    }

    /// <summary>Gives its memory back: it will not be used again.</summary>
    public void Release()
    {
        _mails.Release();
        Exchanges.Release();
        Text.Release();
        _memory.GiveAll();
    }

    /// <summary>A command was sent, or a message began. Returns a handle for the calls below; 0: it was not kept.</summary>
    public int Opened(in Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        if (!_memory.HasRoom(Exchanges, MaxEntries))
        {
            return Drop();
        }

        var entry = ExchangeEntry.Of(exchange);
        var kept = exchange.Verb == Verb.Unknown
            ? Text.TryAdd(verb[..Math.Min(verb.Length, 32)], out entry.Text) : KeepArguments(ref entry, arguments);
        return kept ? KeepOrDrop(entry) : Drop();
    }

    /// <summary>The arguments of a command that was opened without them. Without room for them it stays without.</summary>
    public void Revealed(int handle, ReadOnlySpan<byte> arguments) =>
        _ = handle > 0 && KeepArguments(ref Exchanges.Items[handle - 1], arguments);

    /// <summary>An exchange was answered.</summary>
    public void Answered(int handle, in Exchange exchange, in Reply reply, Origin origin, in Timing timing)
    {
        if (exchange.Verb == Verb.Greeting)
        {
            Greeting = ExchangeEntry.Of(exchange);
            Greeting.Fill(exchange, reply, origin, timing);
            return;
        }

        if (exchange.Part > 0)
        {
            handle = KeepOrDrop(ExchangeEntry.Of(exchange));
        }

        if (handle > 0)
        {
            Exchanges.Items[handle - 1].Fill(exchange, reply, origin, timing);
        }

        Capabilities.Answered(exchange.Verb, isSuccess: reply.Severity == 2);
    }

    /// <summary>No reply will come. One that was due for a recipient (LMTP) is listed as missing.</summary>
    public void Unanswered(int handle, in Exchange exchange, long began)
    {
        if (exchange.Part > 0)
        {
            KeepOrDrop(ExchangeEntry.Of(exchange));
        }
        else if (handle > 0)
        {
            ref var entry = ref Exchanges.Items[handle - 1];
            entry.Update(exchange);
            entry.Began = began;
        }
    }

    /// <summary>Notes an anomaly, once.</summary>
    public void Anomalous(Anomaly anomaly)
    {
        var bit = 1UL << (int)anomaly;
        if ((_anomaliesSeen & bit) == 0)
        {
            _anomaliesSeen |= bit;
            Anomalies.Add(anomaly);
        }
    }

    /// <summary>MAIL was sent when the session's time was divided like this; a transaction may come of it.</summary>
    public void MailOpened(int index, Shares shares) => _mails.Add(index, shares, MaxEntries);

    /// <summary>That MAIL was accepted; earlier ones were not. Returns how the time was divided when it was sent.</summary>
    public Shares TakeMailOpened(int index) => _mails.Take(index);

    /// <summary>A RCPT of the open transaction was answered. Returns how many entries were kept: 0 or 1.</summary>
    public int AddRecipient(int index) => Add(Recipients, index);

    /// <summary>A final reply to the open transaction's data came. Returns how many entries were kept: 0 or 1.</summary>
    public int AddFinalCode(ushort code) => Add(FinalCodes, code);

    /// <summary>A transaction ended. Returns whether there was room for it.</summary>
    public bool Ended(in TransactionEntry entry)
    {
        FirstFailure ??= ErrorTypes.Of(entry);
        if (!HasRoom(Transactions))
        {
            TransactionsDropped++;
            return false;
        }

        Transactions.Add(entry);
        return true;
    }

    /// <summary>Fills in what is known only when the session is over.</summary>
    public void Settle(Dialogue dialogue, bool isOpaque, SessionOutcome outcome, (long Client, long Relay) octets, Shares shares)
    {
        Settle(dialogue, octets, shares);
        (FinalState, IsOpaque, Outcome) = (dialogue.FinalState, isOpaque, outcome);
    }

    /// <summary>Fills in the same of a session that goes on.</summary>
    public void Settle(Dialogue? dialogue, (long Client, long Relay) octets, Shares shares)
    {
        (Protocol, Tls) = (dialogue?.Protocol ?? default, dialogue?.Tls ?? default);
        (IsOpaque, Opaque) = (dialogue is { Opaque: not OpaqueReason.None }, new OpaqueNote(dialogue?.Opaque ?? default, default, 0));
        (ClientOctets, RelayOctets, Shares) = (octets.Client, octets.Relay, shares);
    }

    /// <summary>Returns ticks of the monotonic clock as wall time.</summary>
    public DateTime TimeOf(long ticks) =>
        Started.UtcDateTime.AddTicks((long)((Int128)(ticks - StartedAt) * TimeSpan.TicksPerSecond / Stopwatch.Frequency));

    private bool KeepArguments(ref ExchangeEntry entry, ReadOnlySpan<byte> arguments) => entry.Verb switch
    {
        Verb.Mail or Verb.Rcpt => KeepPath(ref entry, arguments),
        Verb.Ehlo or Verb.Helo or Verb.Lhlo => Text.TryAdd(arguments[..Math.Min(arguments.Length, 256)], out entry.Text) || true,
        Verb.Auth => Text.TryAdd(arguments.IsEmpty ? "?"u8 : arguments, out entry.Text),
        _ => true,
    };

    private bool KeepPath(ref ExchangeEntry entry, ReadOnlySpan<byte> arguments)
    {
        var path = MailPath.Parse(arguments);
        return (Addresses.Shows is false || (entry.Verb == Verb.Rcpt && !path.Exists) || Text.TryAdd(path.Path, out entry.Text))
            && (entry.Verb == Verb.Rcpt || Text.TryAdd(path.Parameters, out entry.Parameters));
    }

    private int Add<T>(List<T> list, T item)
    {
        if (!HasRoom(list))
        {
            return 0;
        }

        list.Add(item);
        return 1;
    }

    /// <summary>Keeps an exchange as it is. Returns its handle; 0: there is no room.</summary>
    public int Keep(in ExchangeEntry entry)
    {
        if (!_memory.HasRoom(Exchanges, MaxEntries))
        {
            return 0;
        }

        Exchanges.Add(entry);
        return Exchanges.Count;
    }

    /// <summary>Whether a list of its own can take one more item.</summary>
    public bool HasRoom<T>(List<T> list) => _memory.HasRoom(list, MaxEntries);

    private int KeepOrDrop(in ExchangeEntry entry) => Keep(entry) is > 0 and var handle ? handle : Drop();

    private int Drop()
    {
        ExchangesDropped++;
        return 0;
    }
}
