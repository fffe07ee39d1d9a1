using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Lines;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>A session in virtual time, without sockets: what client and relay say goes through a real dialogue into a session's telemetry,
/// as the session machine does it. Times are milliseconds; forwarding takes <see cref="Forwarding"/> of them.</summary>
internal sealed class Conversation : IDisposable
{
    public const double Forwarding = 0.5;
    private readonly Meter _meter = new(Instruments.MeterName);

    public Conversation(PrivacyOptions? privacy = null, bool journal = true, int maxEntries = 100, int queue = 10,
        TelemetryOptions? traces = null,
        bool perTransaction = false, TimeProvider? time = null)
    {
        Metrics = new MetricsProbe(_meter);
        var instruments = new Instruments(_meter);
        Queue = journal ? new JournalQueue(queue, maxEntries, () => instruments.JournalLost(1)) { IsPerTransaction = perTransaction }
            : null;
        var filter = (privacy ?? new PrivacyOptions { Addresses = "full" }).ToFilter();
        Telemetry = new ProxyTelemetry(instruments, new ProcessGauges(_meter, null, TimeProvider.System), Queue, () => filter,
            time ?? TimeProvider.System, traces,
            traces is null ? null : Tracer = new SessionTracer(traces, instruments))
                { Tls = new TlsInstruments(_meter, null, TimeProvider.System) };
        Spans = Tracer is null ? null : new SpanProbe(Tracer.Source);
        Begin();
    }

    /// <summary>A session on a telemetry that somebody else made.</summary>
    public Conversation(ITelemetry telemetry)
    {
        Metrics = new MetricsProbe(_meter);
        Telemetry = telemetry;
        Begin();
    }

    public Meter Meter => _meter;

    public MetricsProbe Metrics { get; }

    public JournalQueue? Queue { get; }

    public SessionTracer? Tracer { get; }

    /// <summary>The spans that ended, where there are traces.</summary>
    public SpanProbe? Spans { get; }

    public ITelemetry Telemetry { get; }

    public SessionTelemetry Session { get; private set; } = null!;

    public Dialogue Dialogue { get; private set; } = null!;

    /// <summary>What a fault holds.</summary>
    public HeldOctets Held { get; private set; } = null!;

    /// <summary>Milliseconds since the session began.</summary>
    public double Now { get; private set; }

    /// <summary>A new session on the same telemetry.</summary>
    public void Begin()
    {
        Now = 0;
        Session = Telemetry.Open("inbound", "relays");
        Session.Read(Held = new HeldOctets());
        Dialogue = new Dialogue(Session.Observer, DialogueLimits.Default);
    }

    public static long Ticks(double milliseconds) => (long)(milliseconds * Stopwatch.Frequency / 1000);

    /// <summary>Accepts, dials and connects, 1 ms each.</summary>
    public Conversation Connect(string destination = "mx1")
    {
        Accept();
        Session.Dialling(destination, Ticks(Now));
        Wait(1);
        Session.Dialled(new DialNote(new DialResult(DialOutcome.Connected, new IPEndPoint(IPAddress.Loopback, 51514),
            new IPEndPoint(IPAddress.Loopback, 2526), null)),
            Ticks(Now));
        return this;
    }

    public Conversation Accept()
    {
        Session.Accepted(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40112), new IPEndPoint(IPAddress.Loopback, 2525), Ticks(Now));
        Dialogue.Start();
        return this;
    }

    public Conversation Wait(double milliseconds)
    {
        Now += milliseconds;
        return this;
    }

    /// <summary>The client says this at once; lines are joined by CRLF and end in one.</summary>
    public Conversation Client(params string[] lines) => Pass(Leg.Client, Octets(lines));

    public Conversation Relay(params string[] lines) => Pass(Leg.Relay, Octets(lines));

    /// <summary>One buffer: read now, shown to the dialogue, handed on after <see cref="Forwarding"/>.</summary>
    public Conversation Pass(Leg from, byte[] octets, Leg? blocked = null)
    {
        Session.Received(from, octets.Length);
        Session.Read(from, octets, Ticks(Now));
        _ = from == Leg.Client ? Dialogue.FromClient(octets) : Dialogue.FromRelay(octets);
        Wait(Forwarding);
        Session.Transmitted(from.Other(), octets.Length);
        Session.Settled(Dialogue, blocked, Ticks(Now));
        return this;
    }

    /// <summary>A line that had come at this time, in milliseconds, and is read only now, and noted as sent some time later.</summary>
    public Conversation Came(double at, Leg from, string line, double takes = Forwarding)
    {
        Session.Read(from, Octets(line), Ticks(at));
        _ = from == Leg.Client ? Dialogue.FromClient(Octets(line)) : Dialogue.FromRelay(Octets(line));
        Wait(takes);
        Session.Settled(Dialogue, null, Ticks(Now));
        return this;
    }

    /// <summary>The proxy answers in the relay's place.</summary>
    public Conversation Proxies(string line)
    {
        Session.Origin = Origin.Proxy;
        Dialogue.FromProxy(Octets(line));
        Session.Origin = Origin.Relay;
        Session.Transmitted(Leg.Client, line.Length + 2);
        Session.Settled(Dialogue, null, Ticks(Now));
        return this;
    }

    public Conversation Over(SessionOutcome outcome = SessionOutcome.Quit)
    {
        Dialogue.Ended(Leg.Client);
        Dialogue.Ended(Leg.Relay);
        Dialogue.Finish();
        Session.Over(Dialogue, outcome, Ticks(Now));
        return this;
    }

    /// <summary>The journal's line of the session that is over.</summary>
    public JsonElement Line() => JsonDocument.Parse(LineText()).RootElement;

    public string LineText()
    {
        Assert.True(Queue!.Reader.TryRead(out var record), "the journal has no line");
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            JournalJson.Write(json, record);
        }

        Queue.Return(record);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Greeting and EHLO; 2 ms of the relay, then 3 ms of the client, then 4 ms of the relay.</summary>
    public Conversation Greet() => Connect()
        .Wait(2).Relay("220 mx.example.net ESMTP")
        .Wait(3).Client("EHLO client.example.org")
        .Wait(4).Relay("250-mx.example.net", "250-PIPELINING", "250 SIZE 10485760");

    /// <summary>One command and its reply, each after 1 ms.</summary>
    public Conversation Ask(string command, params string[] reply) => Wait(1).Client(command).Wait(1).Relay(reply);

    /// <summary>MAIL, RCPT, DATA, a small message and its 250.</summary>
    public Conversation Deliver(string reply = "250 2.0.0 Ok: queued as 4F1XYZ12") =>
        Ask("MAIL FROM:<a@example.org> SIZE=9", "250 2.1.0 Ok")
            .Ask("RCPT TO:<b@example.net>", "250 2.1.5 Ok")
            .Ask("DATA", "354 End data with <CR><LF>.<CR><LF>")
            .Wait(5).Client("Subject: x", "", "hi", ".")
            .Wait(7).Relay(reply);

    public void Dispose()
    {
        Spans?.Dispose();
        Tracer?.Dispose();
        Metrics.Dispose();
        _meter.Dispose();
    }

    private static byte[] Octets(params string[] lines) => Encoding.Latin1.GetBytes(string.Concat(lines.Select(l => l + "\r\n")));

    /// <summary>Octets that a fault holds, or has held.</summary>
    internal sealed class HeldOctets : IHeldTime
    {
        public long Held { get; set; }

        public long HeldSince { get; set; }

        public long ReleasedAt { get; set; }
    }
}
