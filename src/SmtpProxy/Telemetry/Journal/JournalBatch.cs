using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Journal;

/// <summary>The lines of sessions that ended together, which are written together. Not thread-safe.</summary>
internal sealed class JournalBatch : IDisposable
{
    private const int Enough = 64 * 1024;

    // Mail addresses and capabilities stay readable; the file is no web page.
    private static readonly JsonWriterOptions Options = new()
        { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // Taken once, with room for the line that goes beyond the limit: growing it later is what fails first where memory is short.
    private readonly ArrayBufferWriter<byte> _lines = new(2 * Enough);
    private readonly Utf8JsonWriter _json;
    private int _whole;
    private bool _isTorn;

    public JournalBatch() => _json = new Utf8JsonWriter(_lines, Options);

    /// <summary>Whether it is to be written before more is added.</summary>
    public bool IsFull => _isTorn || _whole >= Enough;

    /// <summary>The lines, each with its end.</summary>
    public ReadOnlyMemory<byte> Lines => _lines.WrittenMemory[.._whole];

    /// <summary>Adds a session. Whatever this throws, the lines before are whole, and nothing of this one is among them.</summary>
    public void Add(SessionRecord record)
    {
        _isTorn = true;
        lock (record)
        {
            // Whoever else reads it wants its exchanges in order, too.
            JournalJson.Write(_json, record);
        }

        _json.Flush();
        _json.Reset();
        _lines.Write("\n"u8);
        (_whole, _isTorn) = (_lines.WrittenCount, false);
    }

    /// <summary>Forgets all, the rest of a line that failed included.</summary>
    public void Clear()
    {
        _lines.ResetWrittenCount();
        _json.Reset();
        (_whole, _isTorn) = (0, false);
    }

    public void Dispose() => _json.Dispose();
}
