namespace SmtpProxy.Transport;

/// <summary>Which transport moves the octets: <c>SmtpProxy:Transport</c>.</summary>
public enum TransportKind : byte
{
    /// <summary><see cref="Epoll"/> where the system has it, otherwise <see cref="Portable"/>.</summary>
    Auto,

    /// <summary>One epoll loop a core. Linux only.</summary>
    Epoll,

    /// <summary><see cref="System.Net.Sockets.Socket"/> and System.IO.Pipelines. Any system.</summary>
    Portable,
}
