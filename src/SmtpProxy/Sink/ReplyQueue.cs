using System.Buffers;

namespace SmtpProxy.Sink;

/// <summary>Replies in their order. What is due is gathered, so that the replies to a pipelined group leave in one piece (RFC 2920 3.2);
/// behind one that has to wait, all wait.</summary>
internal sealed class ReplyQueue
{
    /// <summary>Octets that may be gathered before they have to be sent.</summary>
    private const int Full = 8 * 1024;

    private const int FirstSize = 256;
    private readonly Queue<Waiting> _waiting = new();
    private ArrayBufferWriter<byte> _due = new(FirstSize);

    /// <summary>What can be sent now.</summary>
    public ReadOnlySpan<byte> Due => _due.WrittenSpan;

    /// <summary>What ends the session behind <see cref="Due"/>.</summary>
    public AnswerEnding Ending { get; private set; }

    /// <summary>How long the next reply has to wait; null when none has to.</summary>
    public TimeSpan? Wait => _waiting.TryPeek(out var next) ? next.Delay : null;

    /// <summary>Whether no more commands should be answered for now.</summary>
    public bool IsBusy => _waiting.Count > 0 || Ending != AnswerEnding.None || _due.WrittenCount >= Full;

    /// <summary>Adds a reply.</summary>
    /// <param name="reply">With its line ends.</param>
    /// <param name="delay">How long it waits, once those before it have been sent.</param>
    /// <param name="ending">What it does beside; nothing is added behind an ending.</param>
    public void Add(ReadOnlySpan<byte> reply, TimeSpan delay = default, AnswerEnding ending = AnswerEnding.None)
    {
        if (delay > TimeSpan.Zero || _waiting.Count > 0)
        {
            _waiting.Enqueue(new Waiting(delay, reply.ToArray(), ending));
        }
        else if (Ending == AnswerEnding.None)
        {
            _due.Write(reply);
            Ending = ending;
        }
    }

    /// <summary>The time of the next reply has come: it is due, and those behind it that need not wait.</summary>
    public void Elapse()
    {
        var first = true;
        while (_waiting.TryPeek(out var next) && (first || next.Delay == TimeSpan.Zero))
        {
            first = false;
            _waiting.Dequeue();
            if (Ending == AnswerEnding.None)
            {
                _due.Write(next.Reply);
                Ending = next.Ending;
            }
        }
    }

    /// <summary><see cref="Due"/> was sent.</summary>
    public void Sent()
    {
        const int WorthKeeping = 4 * Full;
        if (_due.Capacity > WorthKeeping)
        {
            _due = new ArrayBufferWriter<byte>(FirstSize);
        }

        _due.ResetWrittenCount();
    }

    /// <summary>Nothing of what waits will be said.</summary>
    public void Drop()
    {
        _waiting.Clear();
        _due.ResetWrittenCount();
    }

    private readonly record struct Waiting(TimeSpan Delay, byte[] Reply, AnswerEnding Ending);
}
