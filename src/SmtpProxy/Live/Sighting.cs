using System.Text;

namespace SmtpProxy.Live;

/// <summary>One session as it is shown: what it is found by, and the object that is sent. A finished one never changes.</summary>
/// <param name="facts">What it is found by.</param>
/// <param name="number">Its place among all that were kept, from 1; 0: it goes on.</param>
/// <param name="part">Which part of its session; 0: all of it.</param>
/// <param name="json">The object: a head, which is the summary, and the dialogue after it.</param>
/// <param name="head">Octets of the head, up to and without the comma.</param>
internal sealed class Sighting(SightingFacts facts, long number, int part, byte[] json, int head)
{
    public SightingFacts Facts => facts;

    public long Number => number;

    public int Part => part;

    public bool IsLive => number == 0;

    /// <summary>Whether its session went on when it was made.</summary>
    public bool IsPart => facts.Outcome is null;

    /// <summary>Octets that it takes.</summary>
    public int Size => json.Length + facts.Size;

    /// <summary>The whole object, UTF-8.</summary>
    public ReadOnlyMemory<byte> Detail => json;

    /// <summary>The summary without its closing brace.</summary>
    public ReadOnlyMemory<byte> Head => json.AsMemory(0, head);

    /// <summary>The summary.</summary>
    public string Summary => Encoding.UTF8.GetString(Head.Span) + "}";
}
