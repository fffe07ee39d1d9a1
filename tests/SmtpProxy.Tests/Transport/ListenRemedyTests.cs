using System.Net;
using System.Net.Sockets;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Transport;

public sealed class ListenRemedyTests
{
    [Theory]
    [InlineData(SocketError.AccessDenied, "127.0.0.1:25",
        "CAP_NET_BIND_SERVICE|AmbientCapabilities=|--cap-add NET_BIND_SERVICE|setcap cap_net_bind_service=+ep|" +
            "net.ipv4.ip_unprivileged_port_start=25")]
    [InlineData(SocketError.AccessDenied, "127.0.0.1:2525", "write another address or port")]
    [InlineData(SocketError.AddressNotAvailable, "192.0.2.1:25", "ip address shows")]
    [InlineData(SocketError.NetworkDown, "192.0.2.1:25", "write another address or port")]
    public void For_EachCause_SaysWhatToDo(SocketError error, string address, string words)
    {
        var remedy = ListenRemedy.For(new TransportException("x", new SocketException((int)error)), IPEndPoint.Parse(address));
        Assert.All(words.Split('|'), word => Assert.Contains(word, remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void For_AUnixSocketThatMayNotBeMade_DoesNotSpeakOfPorts() =>
        Assert.DoesNotContain("CAP_",
            ListenRemedy.For(new SocketException((int)SocketError.AccessDenied), new UnixDomainSocketEndPoint("/run/x")),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("/no/such/folder/smtp.sock", "there is no folder /no/such/folder: make it")]
    [InlineData("/tmp/smtp.sock", "write another path")]
    [InlineData("smtp.sock", "write another path")]
    [InlineData("@smtp", "write another path")]
    public void For_AUnixSocket_SaysWhereItsFolderIsMissing(string path, string words)
    {
        foreach (var error in (SocketError[])[SocketError.AddressNotAvailable, SocketError.AccessDenied])
        {
            Assert.StartsWith(words, ListenRemedy.For(new SocketException((int)error), new UnixDomainSocketEndPoint(path)),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void For_AnAddressInUse_NamesTheProgramThatHasIt()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var address = (IPEndPoint)holder.LocalEndpoint;
        Assert.Contains($"(pid {Environment.ProcessId}) has it: stop that, or write another address or port",
            ListenRemedy.For(new SocketException((int)SocketError.AddressAlreadyInUse), address), StringComparison.Ordinal);
        holder.Stop();
        Assert.StartsWith("ss -ltnp shows who has it", ListenRemedy.For(new SocketException((int)SocketError.AddressAlreadyInUse), address),
            StringComparison.Ordinal);
    }
}
