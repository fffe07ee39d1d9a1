using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>A pair that writes down what it is told, with a clock that goes on by hand.</summary>
internal sealed class TestPair : IPair
{
    private readonly TaskCompletionSource _signalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _now = Stopwatch.Frequency;

    /// <summary>What it was told, in order.</summary>
    public List<string> Told { get; } = [];

    public long Id => 1;

    public EndPoint Client { get; } = new IPEndPoint(IPAddress.Loopback, 1);

    public EndPoint Local { get; } = new IPEndPoint(IPAddress.Loopback, 25);

    public long Now => _now;

    public long Clock() => _now;

    /// <summary>What each leg has not taken, by <see cref="Leg"/>.</summary>
    public int[] Untaken { get; } = new int[2];

    /// <summary>Whether the peers' kernels have what they were sent; null: nobody knows yet.</summary>
    public bool? Confirmed { get; set; } = true;

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan time) => _now += (long)(time.TotalSeconds * Stopwatch.Frequency);

    /// <summary>What it was told since it was asked last.</summary>
    public string TakeTold()
    {
        var told = string.Join("; ", Told);
        Told.Clear();
        return told;
    }

    public void Dial(in DialTarget target) => Told.Add("dial");

    public void Send(Leg to, ReadOnlySpan<byte> octets) => Told.Add($"send {to} {Encoding.Latin1.GetString(octets)}");

    public int Unsent(Leg to) => Untaken[(int)to];

    public bool? IsConfirmed(Leg to) => Confirmed;

    public void Shut(Leg leg) => Told.Add($"shut {leg}");

    public void Reset(Leg leg) => Told.Add($"reset {leg}");

    public void Close(Leg leg) => Told.Add($"close {leg}");

    public void Pause(Leg from) => Told.Add($"pause {from}");

    public void Resume(Leg from) => Told.Add($"resume {from}");

    public void SetTimer(PairTimer timer, TimeSpan after) =>
        Told.Add($"{timer} {after.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture)}");

    public void CancelTimer(PairTimer timer) => Told.Add($"no {timer}");

    public void Splice(Leg from, long octets) => Told.Add($"splice {from} {octets}");

    public void Secure(Leg leg, TlsShake shake, TimeSpan patience) => Told.Add($"secure {leg} {patience.TotalMilliseconds}");

    /// <summary>Somebody has signalled, on whatever thread.</summary>
    public Task Signalled => _signalled.Task;

    public void HandOver(IPairHandler next, in Arrival arrival, ReadOnlySpan<byte> unread) =>
        Told.Add($"hand over to {next.GetType().Name} for {arrival.Client}");

    public void Signal(int what)
    {
        Told.Add($"signal {what}");
        _signalled.TrySetResult();
    }
}
