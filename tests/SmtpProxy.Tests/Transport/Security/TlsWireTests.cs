using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Security;

namespace SmtpProxy.Tests.Transport.Security;

public sealed class TlsWireTests
{
    private readonly List<string> _calls = [];
    private readonly TlsWire _wire;

    public TlsWireTests() => _wire = new TlsWire { Pair = new Calls(_calls) };

    [Fact]
    public void Octets_FromTheLoopInAnEvent_AreSentAtOnce()
    {
        _wire.Enter();
        _wire.Send(Leg.Client, "abc"u8);
        Assert.Equal(["Send Client 3"], _calls);
    }

    [Fact]
    public void Octets_FromAnotherThread_WaitForTheLoop_AndKeepTheirOrder()
    {
        _wire.Enter();
        var other = new Thread(() =>
        {
            _wire.Send(Leg.Relay, "abc"u8);
            _wire.Send(Leg.Relay, "de"u8);
            _wire.Send(Leg.Client, "f"u8);
        });
        other.Start();
        other.Join();
        Assert.Equal(Enumerable.Repeat($"Signal {TlsWire.Progress}", 3), _calls);

        _calls.Clear();
        _wire.Flush(Leg.Client);
        _wire.Flush(Leg.Relay);
        _wire.Flush(Leg.Relay);
        Assert.Equal(["Send Client 1", "Send Relay 5"], _calls);
    }

    [Fact]
    public void Progress_OutsideOfAnEvent_IsSignalled_AndInsideItIsNot()
    {
        _wire.Enter();
        _wire.Progressed();
        Assert.Empty(_calls);
        _wire.Leave();
        _wire.Progressed();
        Assert.Equal([$"Signal {TlsWire.Progress}"], _calls);
    }

    /// <summary>Notes what a wire may ask of a pair, and knows nothing else.</summary>
    private sealed class Calls(List<string> calls) : IPair
    {
        public long Id => throw new NotSupportedException();

        public EndPoint Client => throw new NotSupportedException();

        public EndPoint Local => throw new NotSupportedException();

        public long Now => throw new NotSupportedException();

        public long Clock() => throw new NotSupportedException();

        public void Dial(in DialTarget target) => throw new NotSupportedException();

        public void Send(Leg to, ReadOnlySpan<byte> octets) => calls.Add($"Send {to} {octets.Length}");

        public int Unsent(Leg to) => throw new NotSupportedException();

        public bool? IsConfirmed(Leg to) => throw new NotSupportedException();

        public void Shut(Leg leg) => throw new NotSupportedException();

        public void Reset(Leg leg) => throw new NotSupportedException();

        public void Close(Leg leg) => throw new NotSupportedException();

        public void Pause(Leg from) => throw new NotSupportedException();

        public void Resume(Leg from) => throw new NotSupportedException();

        public void SetTimer(PairTimer timer, TimeSpan after) => throw new NotSupportedException();

        public void CancelTimer(PairTimer timer) => throw new NotSupportedException();

        public void Splice(Leg from, long octets) => throw new NotSupportedException();

        public void Signal(int what) => calls.Add($"Signal {what}");
    }
}
