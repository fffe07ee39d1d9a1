using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tests.Sessions.Pipeline;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>What reads a client's words, by itself: between a relay that greeted, and a probe that writes down what goes to it.</summary>
internal sealed class GuardBench
{
    private readonly List<string> _told = [];

    public GuardBench(GuardedWords guarded = GuardedWords.XClient | GuardedWords.XForward, ListenerTlsMode? mode = null)
    {
        var pair = new TestPair();
        Context = new SessionContext(pair, new SessionLimits(), Bed.Host.Telemetry.Open("inbound", "relays"), null, static e => throw e);
        Context.Dialogue.Accepted(Context.ClientAddress, Context.LocalAddress, pair.Now, pair.Now);
        SessionTls? tls = null;
        if (mode is { } ends)
        {
            var arrival = new Arrival(pair.Client, pair.Local, pair.Now);
            Assert.Null(new Admission().Enter("inbound", arrival, Context.Limits, ListenerPolicy.Open, false, out var place));
            tls = new SessionTls(new ServerTls("inbound", new ListenerTls { Mode = ends }), place!, Bed.Host.Telemetry);
        }

        Talk = new StartTlsTalk(tls, pair);
        Speech = new ClientSpeech(Context);
        Commands = new CommandReader(Speech, Talk) { Guarded = guarded };
        Intake = new Intake(Commands, Speech, Talk, new GuardRules("inbound", Bed.Host.Telemetry, NullLogger.Instance));
        To = new FilterProbe(_told);
        Hears("220 mx\r\n");
    }

    public SessionBed Bed { get; } = new();

    public SessionContext Context { get; }

    public StartTlsTalk Talk { get; }

    public ClientSpeech Speech { get; }

    public CommandReader Commands { get; }

    public Intake Intake { get; }

    public FilterProbe To { get; }

    /// <summary>Octets of the client come.</summary>
    /// <returns>What went on to the relay, in writes.</returns>
    public string Says(string text)
    {
        Intake.Take(To, Encoding.Latin1.GetBytes(text));
        return Told();
    }

    /// <summary>The relay says this.</summary>
    public void Hears(string text)
    {
        for (var octets = Encoding.Latin1.GetBytes(text); octets.Length > 0;)
        {
            octets = octets[Speech.Heard(octets, Origin.Relay)..];
        }
    }

    /// <summary>What the relay was told since it was asked last.</summary>
    public string Told()
    {
        var told = string.Join("; ", _told);
        _told.Clear();
        return told;
    }
}
