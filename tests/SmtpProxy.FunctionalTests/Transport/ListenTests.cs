using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Selection;

namespace SmtpProxy.FunctionalTests.Transport;

public sealed class ListenTests
{
    public static TheoryData<string> All => Rig.All;

    [Fact]
    public async Task Create_Auto_TakesTheBestOfThisSystem()
    {
        await using var auto = TransportFactory.Create(TransportKind.Auto, new ErrorLog());
        await using var portable = TransportFactory.Create(TransportKind.Portable, new ErrorLog());
        Assert.Equal(OperatingSystem.IsLinux() ? "epoll" : "portable", auto.Name);
        Assert.Equal("portable", portable.Name);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Listen_AnyIPv6Address_TakesIPv4ClientsToo(string transport)
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "no IPv6 here");
        await using var rig = new Rig(transport, listen: new IPEndPoint(IPAddress.IPv6Any, 0));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)rig.Listening.Address).Port);
        var relay = await rig.AcceptRelay();
        var session = await rig.Session();
        await new Peer(client).Says("four");
        await relay.Hears("four");
        Assert.Equal(client.LocalEndPoint, session.Pair.Client);
        Assert.Equal(client.RemoteEndPoint, session.Pair.Local);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Listen_AUnixDomainSocket_IsServedAndCleanedUp(string transport)
    {
        Skip.IfNot(Socket.OSSupportsUnixDomainSockets, "no Unix-domain sockets here");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var rig = new Rig(transport, listen: new UnixDomainSocketEndPoint(path));
        var (client, relay, session) = await rig.Join();
        await client.Says("local");
        await relay.Hears("local");
        Assert.Equal(path, session.Pair.Client.ToString());
        await rig.Listening.DisposeAsync();
        Assert.False(File.Exists(path));
        client.Fin();
        await relay.Ends(EndKind.Fin);
    }

    /// <summary>It may read like an IP address, and would stand so in the journal; it may have no room where .NET reads it, and may be no
    /// text.</summary>
    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Accepted_ClientsThatHaveNamedThemselves_GoByTheNameOfTheSocket(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "elsewhere a name has another length");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var rig = new Rig(transport, listen: new UnixDomainSocketEndPoint(path));
        foreach (var (octet, length) in new[] { ((byte)'a', 0), ((byte)'b', 107), ((byte)'c', 108), ((byte)0xff, 100) })
        {
            byte[] name = [.. Encoding.UTF8.GetBytes($"{path}.192.0.2.1:25"), .. Enumerable.Repeat(octet, 108)];
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Bind(new RawPath(name[..Math.Max(length, path.Length + ".192.0.2.1:25".Length)]));
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            var session = await rig.Session();
            await session.Log.Saw("Accepted");
            Assert.Equal((path, path), (session.Pair.Client.ToString(), session.Pair.Local.ToString()));
        }

        Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(path) + ".*").ToList().ForEach(File.Delete);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Listen_AnAbstractName_IsServed_AndMakesNoFile(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "no names without files here");
        var name = Path.GetRandomFileName();
        Assert.True(ListenAddress.TryParseAny($"unix:@{name}", out var address, out _));
        await using var rig = new Rig(transport, listen: address);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint($"\0{name}"));
        var session = await rig.Session();
        await session.Log.Saw("Accepted");
        Assert.Equal($"@{name}", session.Pair.Client.ToString());
        Assert.False(File.Exists($"@{name}"));
    }

    /// <summary>Somebody removes the file, a second process binds the path, and the first one stops.</summary>
    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Stop_WhereTheSocketsFileIsAnothers_LeavesIt(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux tells whose file it is");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var rig = new Rig(transport, listen: new UnixDomainSocketEndPoint(path));
        File.Delete(path);
        await using var next = new Rig(transport, listen: new UnixDomainSocketEndPoint(path));
        await rig.Listening.DisposeAsync();
        var (client, relay, _) = await next.Join();
        await client.Says("next");
        await relay.Hears("next");
        await next.Listening.DisposeAsync();
        Assert.False(File.Exists(path));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Listen_WhereAFifoIs_IsRefused(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "it is made by mkfifo");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await Command.SucceedAsync("mkfifo", [path]);
        await AssertRefusedAsync(transport, path);
        File.Delete(path);
    }

    /// <summary>Somebody listens there and accepts nobody, and others wait for that already.</summary>
    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Listen_WhereAnotherListensAndIsBusy_IsRefused(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "others have no bound there, or another one");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var busy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        busy.Bind(new UnixDomainSocketEndPoint(path));
        busy.Listen(0);
        using var waits = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await waits.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await AssertRefusedAsync(transport, path);
        Assert.True(File.Exists(path));
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Accepted_NoRelayIsEverDialled_OneLegIsAPair(string transport)
    {
        await using var rig = new Rig(transport, session =>
        {
            session.OnAccepted = () => session.Pair.Send(Leg.Client, "220 sink\r\n"u8);
            session.OnReceived = (_, octets) => session.Pair.Send(Leg.Client, octets);
            session.OnEnded = (_, _) => session.Pair.Shut(Leg.Client);
        });
        var client = await rig.Connect();
        await client.Hears("220 sink\r\n");
        await client.Says("echo");
        client.Fin();
        var (octets, end) = await client.ReadToEnd();
        Assert.Equal(("echo", EndKind.Fin), (Encoding.Latin1.GetString(octets), end));
        await rig.AllClosed();
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Stop_ConnectionsKeepComing_EachIsServedOrRefused(string transport)
    {
        await using var rig = new Rig(transport, session =>
        {
            session.OnAccepted = () => session.Pair.Send(Leg.Client, "220 sink\r\n"u8);
            session.OnEnded = (_, _) => session.Pair.Shut(Leg.Client);
        });
        var served = 0;
        var refused = new TaskCompletionSource();
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!refused.Task.IsCompleted)
            {
                try
                {
                    using var client = await rig.Connect();
                    client.Fin();
                    Interlocked.Add(ref served, Math.Sign((await client.ReadToEnd()).Octets.Length));
                }
                catch (SocketException)
                {
                    refused.TrySetResult();
                }
            }
        })).ToArray();
        await (await rig.Session()).Log.Saw("Closed");
        rig.Listening.Stop();
        await Task.WhenAll(clients).WaitAsync(Rig.Patience);
        Assert.NotEqual(0, served);
        await rig.AllClosed();
    }

    private static async Task AssertRefusedAsync(string transport, string path)
    {
        await using var opened = Transports.Open(transport, new ErrorLog());
        await Task.Run(() => Assert.Throws<TransportException>(
            () => opened.Listen(new UnixDomainSocketEndPoint(path), new ListenOptions(), static _ => null))).WaitAsync(Rig.Patience);
    }

    /// <summary>A path that need not be text, without the zero octet behind it.</summary>
    private sealed class RawPath(byte[] path) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Unix;

        public override EndPoint Create(SocketAddress socketAddress) => this;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Unix, sizeof(ushort) + path.Length);
            path.CopyTo(address.Buffer.Span[sizeof(ushort)..]);
            return address;
        }
    }
}
