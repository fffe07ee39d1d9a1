using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Octets of the client that wait to be understood, in order. Of those the first may have gone on to the relay:
/// only what they mean waits.</summary>
internal sealed class ClientWords
{
    // Most clients wait for each reply, and never have any.
    private OctetQueue? _octets;

    /// <summary>How many wait.</summary>
    public int Length => _octets?.Length ?? 0;

    /// <summary>How many of them have gone on.</summary>
    public int Gone { get; set; }

    /// <summary>Some have not gone on.</summary>
    public bool HasUnsent => Length > Gone;

    /// <summary>All of them.</summary>
    public ReadOnlySpan<byte> Octets => _octets is { } octets ? octets.Octets : [];

    /// <summary>Those that have not gone on.</summary>
    public ReadOnlySpan<byte> Unsent => Octets[Gone..];

    /// <summary>More of them.</summary>
    public void Append(ReadOnlySpan<byte> octets) => (_octets ??= new OctetQueue()).Append(octets);

    /// <summary>The first octets are understood.</summary>
    /// <param name="count">How many.</param>
    /// <param name="gone">How many of the others have gone on.</param>
    public void Understood(int count, int gone)
    {
        _octets?.Remove(count);
        Gone = gone;
    }

    /// <summary>What has not gone on will not go on.</summary>
    public void ForgetUnsent()
    {
        if (HasUnsent)
        {
            byte[] gone = [.. Octets[..Gone]];
            _octets!.Clear();
            _octets.Append(gone);
        }
    }

    /// <summary>These few stand for those that have gone on.</summary>
    public void ReplaceGone(ReadOnlySpan<byte> gist)
    {
        byte[] left = [.. gist, .. Unsent];
        _octets?.Clear();
        Append(left);
        Gone = gist.Length;
    }

    /// <summary>The session is over, and their memory is given back.</summary>
    public void Release() => _octets?.Release();

    /// <summary>Nobody wants to understand them any more.</summary>
    public void Clear()
    {
        _octets?.Clear();
        Gone = 0;
    }
}
