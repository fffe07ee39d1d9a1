using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>The client's end of a pipeline: its connection, as far as it is written to.</summary>
internal sealed class ClientPort(SessionContext context)
{
    private Receipt _receipt;
    private long _accepted;
    private long _told;
    private long _answerFrom;

    /// <summary>Where octets wait while their speed is limited; null: it never is.</summary>
    public Outbox? Limited { get; set; }

    /// <summary>Who has to know what the client is really told.</summary>
    public SessionFilter? Witness { get; set; }

    /// <summary>Its FIN goes after what was sent before: nothing that comes now can be told it.</summary>
    public bool IsShut { get; private set; }

    /// <summary>Octets that the client's kernel has not taken.</summary>
    public int Unsent => context.Pair.Unsent(Leg.Client) + (Limited?.Waiting ?? 0);

    /// <summary>Whether replies that were asked for earlier are still to come, after which <see cref="AnswerBegins"/> is called; null: they
    /// never are.</summary>
    public Func<bool>? HasEarlier { get; set; }

    /// <summary>The reply that its <see cref="Witness"/> waits for is there, and comes after all that the client is told already.</summary>
    public void AnswerComes() => _answerFrom = HasEarlier?.Invoke() == true ? long.MaxValue : _accepted;

    /// <summary>What is told it next begins that reply.</summary>
    public void AnswerBegins() => _answerFrom = _accepted;

    /// <summary>What of the octets that it is being told belongs to that reply, or comes after it.</summary>
    public ReadOnlySpan<byte> OfAnswer(ReadOnlySpan<byte> octets) =>
        octets[(int)Math.Clamp(_answerFrom - _told, 0, octets.Length)..];

    /// <summary>Octets for the client, at once or as fast as they may go; none where it was shut.</summary>
    public void Send(ReadOnlySpan<byte> octets)
    {
        if (IsShut)
        {
            // They would be dropped by the transport, and must not count as sent.
            return;
        }

        _accepted += octets.Length;
        if (Limited is { } outbox)
        {
            outbox.Write(octets);
        }
        else
        {
            SendNow(octets);
        }
    }

    /// <summary>Octets for the client, at once.</summary>
    public void SendNow(ReadOnlySpan<byte> octets)
    {
        context.Pair.Send(Leg.Client, octets);
        context.Telemetry.Transmitted(Leg.Client, octets.Length);
        Witness?.ClientTold(octets);
        _told += octets.Length;
    }

    /// <summary>FIN after everything.</summary>
    public void Shut()
    {
        IsShut = true;
        context.Telemetry.Flow.ClientHearsNoMore();
        if (Limited is { } outbox)
        {
            outbox.Shut();
        }
        else
        {
            ShutNow();
        }
    }

    /// <summary>FIN after what the transport has, once it is known whether a client that has gone has its verdict.</summary>
    public void ShutNow()
    {
        if (!_receipt.IsAwaited(context))
        {
            context.Pair.Shut(Leg.Client);
        }
    }

    /// <summary>No more, without a reset unless something has not gone.</summary>
    public void Close()
    {
        if (Limited is { Waiting: > 0 })
        {
            Reset();
            return;
        }

        Receipt.Close(context, late: false);
        context.Pair.Close(Leg.Client);
    }

    /// <summary>RST now.</summary>
    public void Reset()
    {
        Limited?.Drop();
        Receipt.Close(context, late: false);
        context.Pair.Reset(Leg.Client);
    }
}
