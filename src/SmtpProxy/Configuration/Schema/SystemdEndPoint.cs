using System.Net;

namespace SmtpProxy.Configuration.Schema;

/// <summary>A socket that systemd has opened and passes at the start (socket activation, sd_listen_fds(3)).</summary>
/// <param name="name">Its <c>FileDescriptorName=</c>.</param>
internal sealed class SystemdEndPoint(string name) : EndPoint
{
    /// <summary>The socket's name.</summary>
    public string Name => name;

    public override string ToString() => $"systemd:{name}";
}
