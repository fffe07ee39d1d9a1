using System.Diagnostics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>What the headers of a session's messages said, until their transactions end. A client that pipelines sends messages before it
/// is known whether their transactions exist, so each belongs to its MAIL.</summary>
/// <param name="reader">Reads one header.</param>
/// <param name="text">Where ids are kept.</param>
internal sealed class MessageHeaders(HeaderReader reader, TextArena text)
{
    private const int Most = 256;
    private readonly Queue<Found> _found = new();
    private int _mail = -1;

    /// <summary>Whether octets of the message at hand are wanted.</summary>
    public bool IsReading => reader.IsReading;

    /// <summary>The client sent MAIL: what it sends as a message from here is of that one.</summary>
    public void Begin(int mailIndex)
    {
        Settle();
        _mail = mailIndex;
        reader.Begin();
    }

    /// <summary>Reads octets of the message at hand.</summary>
    public void Read(ReadOnlySpan<byte> octets) => reader.Read(octets);

    /// <summary>The message is complete.</summary>
    public void Settle()
    {
        reader.End();
        if (_mail >= 0 && _found.Count < Most && (!reader.MessageId.IsEmpty || reader.Sender != default))
        {
            var id = TextSpan.None;
            if (!reader.MessageId.IsEmpty)
            {
                text.TryAdd(reader.MessageId, out id);
            }

            _found.Enqueue(new Found(_mail, id, reader.Sender));
        }

        _mail = -1;
    }

    /// <summary>Returns what the header of this MAIL's message said. Earlier ones are forgotten.</summary>
    public (TextSpan MessageId, ActivityContext Sender) Take(int mailIndex)
    {
        if (_mail == mailIndex)
        {
            Settle();
        }

        while (_found.TryPeek(out var found) && found.Mail <= mailIndex)
        {
            _found.Dequeue();
            if (found.Mail == mailIndex)
            {
                return (found.MessageId, found.Sender);
            }
        }

        return (TextSpan.None, default);
    }

    private readonly record struct Found(int Mail, TextSpan MessageId, ActivityContext Sender);
}
