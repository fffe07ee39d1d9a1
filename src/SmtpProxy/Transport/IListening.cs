using System.Net;

namespace SmtpProxy.Transport;

/// <summary>A bound listener.</summary>
public interface IListening : IAsyncDisposable
{
    /// <summary>The address that was bound, with the real port.</summary>
    EndPoint Address { get; }

    /// <summary>Closes the listening socket; pairs that are open go on. Idempotent. Disposing does the same.</summary>
    void Stop();
}
