using System.Net;

namespace SmtpProxy.Upstreams.Probing;

/// <summary>Connects to a relay for a probe; throws <see cref="System.Net.Sockets.SocketException"/> when it cannot be reached.</summary>
internal delegate Task<(Stream Stream, EndPoint Local)> RelayConnector(EndPoint address, CancellationToken cancel);
