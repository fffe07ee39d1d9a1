using System.Runtime.InteropServices;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

/// <summary>The far end of a leg: a script of what it does, and a record of what it received.</summary>
public sealed class SimulatedPeer
{
    private readonly LinkedList<Act> _script = new();
    private readonly List<byte> _received = [];
    private readonly List<byte> _sent = [];
    private int _matched;
    private long _sleepsUntil = -1;

    internal SimulatedPeer(string name) => Name = name;

    internal enum ActKind
    {
        Octets,
        Await,
        Wait,
        Fin,
        Close,
        Reset,
        Shake,
    }

    /// <summary>What it is called in the transcript.</summary>
    public string Name { get; }

    /// <summary>Octets that it takes from here on before the sender's stay unsent; raise it to open the window. Null, the default,
    /// leaves it to the seed: sometimes it takes only a part, and the rest a while later.</summary>
    public int? Window { get; set; }

    /// <summary>Everything it received, one character an octet.</summary>
    public string Heard => Encoding.Latin1.GetString([.. _received]);

    /// <summary>Everything it has sent so far, one character an octet.</summary>
    public string Said => Encoding.Latin1.GetString([.. _sent]);

    /// <summary>Everything it received.</summary>
    public IReadOnlyList<byte> Octets => _received;

    /// <summary>How what it received ended, behind <see cref="Octets"/>; null while it has not.</summary>
    public EndKind? End { get; private set; }

    /// <summary>Whether everything in the script has happened.</summary>
    public bool IsDone => _script.Count == 0;

    internal bool HasClosed { get; private set; }

    internal bool HasFinished { get; private set; }

    /// <summary>Sends this text, one octet a character.</summary>
    public SimulatedPeer Says(string text) => Says(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends these octets.</summary>
    public SimulatedPeer Says(byte[] octets)
    {
        ArgumentNullException.ThrowIfNull(octets);
        return octets.Length == 0 ? this : Append(new Act(ActKind.Octets, octets));
    }

    /// <summary>Goes on when it has received this text, behind what earlier waits have matched.</summary>
    public SimulatedPeer Awaits(string text) => Append(new Act(ActKind.Await, Encoding.Latin1.GetBytes(text)));

    /// <summary>Goes on after this virtual time.</summary>
    public SimulatedPeer Waits(TimeSpan span) => Append(new Act(ActKind.Wait, [], VirtualTime.Ticks(span)));

    /// <summary>Shakes hands, when the other side has begun to. Nothing is encrypted: what counts is who
    /// knows when that it would be.</summary>
    public SimulatedPeer Shakes() => Append(new Act(ActKind.Shake, []));

    /// <summary>Half-closes: FIN, and goes on reading.</summary>
    public SimulatedPeer Fin() => Append(new Act(ActKind.Fin, []));

    /// <summary>Closes: FIN, and RST to whatever arrives after it.</summary>
    public SimulatedPeer Closes() => Append(new Act(ActKind.Close, []));

    /// <summary>RST. By the seed it overtakes octets that have not been read yet.</summary>
    public SimulatedPeer Resets() => Append(new Act(ActKind.Reset, []));

    /// <summary>Forgets the rest of the script and ends like this instead. A FIN behind a FIN adds nothing.</summary>
    public void EndsNow(EndKind how)
    {
        _script.Clear();
        _sleepsUntil = -1;
        if (how == EndKind.Fin && HasFinished)
        {
            return;
        }

        Append(new Act(how == EndKind.Fin ? ActKind.Fin : ActKind.Reset, []));
    }

    /// <summary>When its next act can happen: at once (0), at a moment, or not before it hears something (null).</summary>
    internal long? Ready(long now, bool isShaking)
    {
        while (_script.First is { } first)
        {
            if (first.Value.Kind == ActKind.Wait)
            {
                _sleepsUntil = _sleepsUntil < 0 ? now + first.Value.Ticks : _sleepsUntil;
                if (_sleepsUntil > now)
                {
                    return _sleepsUntil;
                }

                _sleepsUntil = -1;
            }
            else if (first.Value.Kind == ActKind.Shake)
            {
                return isShaking ? 0 : null;
            }
            else if (first.Value.Kind != ActKind.Await)
            {
                return 0;
            }
            else if (!Matches(first.Value.Octets))
            {
                return null;
            }

            _script.RemoveFirst();
        }

        return null;
    }

    /// <summary>Takes the next act, of octets at most this many.</summary>
    internal (ActKind Kind, byte[] Octets) Next(Func<int, int> cut)
    {
        var act = _script.First!.Value;
        _script.RemoveFirst();
        if (act.Kind == ActKind.Octets && cut(act.Octets.Length) is var size && size < act.Octets.Length)
        {
            _script.AddFirst(act with { Octets = act.Octets[size..] });
            act = act with { Octets = act.Octets[..size] };
        }

        _sent.AddRange(act.Octets);

        HasClosed |= act.Kind == ActKind.Close;
        HasFinished |= act.Kind is ActKind.Close or ActKind.Fin;
        return (act.Kind, act.Octets);
    }

    internal void Receive(ReadOnlySpan<byte> octets)
    {
        if (HasClosed && !octets.IsEmpty && !(_script.First?.Value.Kind == ActKind.Reset))
        {
            EndsNow(EndKind.Reset);
            return;
        }

        _received.AddRange(octets);
    }

    internal void ReceiveEnd(EndKind how)
    {
        End = how;
        if (how == EndKind.Reset)
        {
            _script.Clear();
        }
    }

    private bool Matches(byte[] text)
    {
        var at = CollectionsMarshal.AsSpan(_received)[_matched..].IndexOf(text);
        _matched += at < 0 ? 0 : at + text.Length;
        return at >= 0;
    }

    private SimulatedPeer Append(Act act)
    {
        _script.AddLast(act);
        return this;
    }

    private sealed record Act(ActKind Kind, byte[] Octets, long Ticks = 0);
}
