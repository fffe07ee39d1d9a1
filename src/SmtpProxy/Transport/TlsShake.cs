using System.Net.Security;

namespace SmtpProxy.Transport;

/// <summary>Makes a handshake on a stream, as client or server, with whatever is to be offered and believed.</summary>
public delegate Task TlsShake(SslStream stream);
