using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>What stands between the dialogue and its recorder.</summary>
public sealed class SharedObserverTests
{
    private static readonly string[] All =
    [
        "Opened 7 MAIL FROM:<a@b>", "Revealed 7 <c@d>", "CapabilityLine 7 SIZE 5", "RefusalLine 7 no", "Continued 7 354", "Responded 7",
        "Message text", "BodyEnded 7 10 9", "ChunkEnded 7", "Answered 7 250", "Unanswered 7", "Withdrawn 7", "Unsolicited 421",
        "TransactionOpened 3", "TransactionEnded 3", "Anomalous BareLfData Client 5", "BecameOpaque Tls Relay 6", "TrackedAgain",
    ];

    /// <summary>Those by which somebody decides.</summary>
    private static readonly string[] Decisive =
    [
        "Opened 7 MAIL FROM:<a@b>", "CapabilityLine 7 SIZE 5", "Responded 7", "BodyEnded 7 10 9", "Answered 7 250", "TransactionEnded 3",
        "BecameOpaque Tls Relay 6", "TrackedAgain",
    ];

    public static TheoryData<int> Each => [.. Enumerable.Range(0, All.Length)];

    /// <summary>The contract has a body for each fact that nobody must listen to: one that is not passed on would
    /// be lost without a word.</summary>
    [Fact]
    public void Facts_Each_ArePassedOn() =>
        Assert.All(typeof(SharedObserver).GetInterfaceMap(typeof(IDialogueObserver)).TargetMethods,
            static method => Assert.Equal(typeof(SharedObserver), method.DeclaringType));

    [Fact]
    public void Facts_Each_ReachTheRecorder_AndThoseByWhichSomebodyDecidesTheReader()
    {
        var (recorder, reader) = (new FactProbe(), new FactProbe());
        IDialogueObserver shared = new SharedObserver(recorder, Tracker(static _ => { })) { Reader = reader };
        TellAll(shared);
        Assert.Equal(All, recorder.Heard);
        Assert.Equal(Decisive, reader.Heard);
        Assert.True(shared.ReadsMessage);
    }

    /// <summary>From a failure on nothing is recorded, which is said once; who decides hears everything.</summary>
    [Theory]
    [MemberData(nameof(Each))]
    public void Recorder_ThatFailsAtAFact_HearsNoMore_AndTheReaderHearsAll(int fact)
    {
        var failures = new List<string>();
        var (recorder, reader) = (new FactProbe(fact), new FactProbe());
        IDialogueObserver shared = new SharedObserver(recorder, Tracker(e => failures.Add(e.Message))) { Reader = reader };
        TellAll(shared);
        Assert.Equal(All[..fact], recorder.Heard);
        Assert.Equal(["the record fails at: " + All[fact]], failures);
        Assert.Equal(Decisive, reader.Heard);
        Assert.False(shared.ReadsMessage);
    }

    private static DialogueTracker Tracker(Action<Exception> failed)
    {
        var tracker = new DialogueTracker(new SessionBed().Host.Telemetry.Open("inbound", "relays"), failed);
        tracker.Accepted(new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.Loopback, 25), 1, 1);
        return tracker;
    }

    private static void TellAll(IDialogueObserver observer)
    {
        var exchange = new Exchange { Index = 7 };
        var transaction = new Transaction { MailIndex = 3 };
        observer.Opened(ref exchange, "MAIL"u8, "FROM:<a@b>"u8);
        observer.Revealed(ref exchange, "<c@d>"u8);
        observer.CapabilityLine(ref exchange, "SIZE 5"u8);
        observer.RefusalLine(ref exchange, "no"u8);
        observer.Continued(ref exchange, new Reply { Code = 354, Lines = 1 });
        observer.Responded(ref exchange);
        observer.Message("text"u8);
        observer.BodyEnded(ref exchange, 10, 9);
        observer.ChunkEnded(ref exchange);
        observer.Answered(ref exchange, new Reply { Code = 250, Lines = 1 });
        observer.Unanswered(ref exchange);
        observer.Withdrawn(ref exchange);
        observer.Unsolicited(new Reply { Code = 421, Lines = 1 });
        observer.TransactionOpened(transaction);
        observer.TransactionEnded(transaction);
        observer.Anomalous(Anomaly.BareLfData, Leg.Client, 5);
        observer.BecameOpaque(OpaqueReason.Tls, Leg.Relay, 6);
        observer.TrackedAgain();
    }
}
