using System.Net;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>Asks for the addresses of a host name; throws <see cref="System.Net.Sockets.SocketException"/> when there are none.</summary>
internal delegate Task<IPAddress[]> NameLookup(string host, CancellationToken cancel);
