using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>
/// TLS by OpenSSL itself, which can be told to do what no other library offers: new keys and renegotiation, whenever and as often as it is
/// asked for. It blocks its thread; closing the socket ends that.
/// </summary>
internal sealed partial class OpenSslClient : IDisposable
{
    private const string Library = "libssl.so.3";
    private const int SetMostVersion = 124;
    private const int Tls12 = 0x0303;
    private readonly nint _context;
    private readonly nint _tls;

    /// <param name="socket">Connected, and used by blocking calls only; not closed by this.</param>
    /// <param name="isTls12">With TLS 1.2, which has renegotiation; otherwise 1.3, which has KeyUpdate.</param>
    public OpenSslClient(Socket socket, bool isTls12)
    {
        _context = ContextNew(Method());
        _ = isTls12 ? Control(_context, SetMostVersion, Tls12, 0) : 0;
        _tls = New(_context);
        _ = SetSocket(_tls, (int)socket.Handle);
    }

    /// <summary>The handshake.</summary>
    /// <returns>Whether it went well.</returns>
    public bool Connect() => Handshake(_tls, isFirst: true);

    /// <summary>Sends octets, encrypted.</summary>
    public bool Send(byte[] octets) => Write(_tls, octets, octets.Length) == octets.Length;

    /// <summary>Reads octets; 0 or less at the end.</summary>
    public int Receive(byte[] octets) => Read(_tls, octets, octets.Length);

    /// <summary>New keys from here on (RFC 8446 4.6.3).</summary>
    /// <param name="isRequested">The other side is to change its own, and to say so.</param>
    public bool UpdateKeys(bool isRequested) => KeyUpdate(_tls, isRequested ? 1 : 0) == 1 && Handshake(_tls, isFirst: false);

    /// <summary>Another handshake inside the first.</summary>
    public bool ShakeAgain() => Renegotiate(_tls) == 1 && Handshake(_tls, isFirst: false);

    public void Dispose()
    {
        Free(_tls);
        ContextFree(_context);
    }

    private static bool Handshake(nint tls, bool isFirst) => (isFirst ? ConnectTls(tls) : DoHandshake(tls)) == 1;

    [LibraryImport(Library, EntryPoint = "TLS_client_method")]
    private static partial nint Method();

    [LibraryImport(Library, EntryPoint = "SSL_CTX_new")]
    private static partial nint ContextNew(nint method);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_free")]
    private static partial void ContextFree(nint context);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_ctrl")]
    private static partial nint Control(nint context, int command, nint number, nint pointer);

    [LibraryImport(Library, EntryPoint = "SSL_new")]
    private static partial nint New(nint context);

    [LibraryImport(Library, EntryPoint = "SSL_free")]
    private static partial void Free(nint tls);

    [LibraryImport(Library, EntryPoint = "SSL_set_fd")]
    private static partial int SetSocket(nint tls, int socket);

    [LibraryImport(Library, EntryPoint = "SSL_connect")]
    private static partial int ConnectTls(nint tls);

    [LibraryImport(Library, EntryPoint = "SSL_do_handshake")]
    private static partial int DoHandshake(nint tls);

    [LibraryImport(Library, EntryPoint = "SSL_write")]
    private static partial int Write(nint tls, byte[] octets, int count);

    [LibraryImport(Library, EntryPoint = "SSL_read")]
    private static partial int Read(nint tls, byte[] octets, int count);

    [LibraryImport(Library, EntryPoint = "SSL_key_update")]
    private static partial int KeyUpdate(nint tls, int kind);

    [LibraryImport(Library, EntryPoint = "SSL_renegotiate")]
    private static partial int Renegotiate(nint tls);
}
