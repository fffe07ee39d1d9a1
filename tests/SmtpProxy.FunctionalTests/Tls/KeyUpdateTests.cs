using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using SmtpProxy.Endurance.Attacks;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>Clients that change their keys again and again, or want another handshake: others are served meanwhile.</summary>
public sealed class KeyUpdateTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public static TheoryData<string> Transports => ["epoll", "portable"];

    public void Dispose() => _made.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Transports))]
    public async Task Keys_UpdatedAllTheTime_OthersAreServed_AndTheSessionGoesOn(string transport)
    {
        await using var relay = new TalkingRelay(TalkingRelay.Yes);
        await using var proxy = await StartAsync(relay, transport);
        using var isEnough = new CancellationTokenSource();
        var flood = Flood(proxy, isTls12: false, tls =>
        {
            var updates = 0;
            while (!isEnough.IsCancellationRequested || updates < 1000)
            {
                Assert.True(tls.UpdateKeys(isRequested: false), $"the proxy has left after {updates} updates");
                updates++;
            }

            var answer = new byte[100];
            Assert.True(tls.Send("NOOP\r\n"u8.ToArray()));
            return Encoding.ASCII.GetString(answer, 0, Math.Max(0, tls.Receive(answer)));
        });
        await ServedAsync(proxy);
        await isEnough.CancelAsync();
        Assert.Equal("250 ok\r\n", await flood.WaitAsync(ProxyProcess.Patience));
    }

    [SkippableTheory]
    [MemberData(nameof(Transports))]
    public async Task Renegotiation_IsNotDone_AndOthersAreServed(string transport)
    {
        await using var relay = new TalkingRelay(TalkingRelay.Yes);
        await using var proxy = await StartAsync(relay, transport);
        for (var n = 0; n < 20; n++)
        {
            Assert.False(await Flood(proxy, isTls12: true, static tls => tls.ShakeAgain()).WaitAsync(ProxyProcess.Patience));
        }

        await ServedAsync(proxy);
    }

    private async Task<ProxyProcess> StartAsync(TalkingRelay relay, string transport)
    {
        Skip.IfNot(NativeLibrary.TryLoad("libssl.so.3", out _), "OpenSSL 3 is not here");
        return await ProxyProcess.StartAloneAsync(
        [
            "--relay", relay.Address, $"--SmtpProxy:Transport={transport}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None",
            "--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls", .. _made.Good().Arguments("inbound"),
        ]);
    }

    /// <summary>Somebody else's session, inside TLS.</summary>
    private static async Task ServedAsync(ProxyProcess proxy)
    {
        await using var honest = await SecuredClient.ConnectAsync(proxy.Listener());
        Assert.StartsWith("250", await honest.SayAsync("EHLO honest.example"), StringComparison.Ordinal);
        Assert.StartsWith("220", await honest.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await honest.SecureAsync();
        Assert.StartsWith("250 ", await honest.SayAsync("NOOP"), StringComparison.Ordinal);
        Assert.StartsWith("221 ", await honest.SayAsync("QUIT"), StringComparison.Ordinal);
    }

    /// <summary>Does something inside TLS, on a thread of its own, which it blocks.</summary>
    private static Task<T> Flood<T>(ProxyProcess proxy, bool isTls12, Func<OpenSslClient, T> act) => Task.Factory.StartNew(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
        };
        socket.Connect(proxy.Listener());
        Hear(socket);
        socket.Send("EHLO x\r\n"u8);
        Hear(socket);
        socket.Send("STARTTLS\r\n"u8);
        Hear(socket);
        using var tls = new OpenSslClient(socket, isTls12);
        Assert.True(tls.Connect());
        return act(tls);
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Reads one reply, and not one octet more, for TLS begins after it.</summary>
    private static void Hear(Socket socket)
    {
        var (octet, line) = (new byte[1], new List<byte>());
        while (line is not [_, _, _, (byte)' ', .., (byte)'\n'])
        {
            line = line is [.., (byte)'\n'] ? [] : line;
            Assert.Equal(1, socket.Receive(octet));
            line.Add(octet[0]);
        }
    }
}
