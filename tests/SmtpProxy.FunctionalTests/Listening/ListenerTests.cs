using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Listening;

/// <summary>Every kind of listener, and whom it serves, on the proxy as a process.</summary>
public sealed class ListenerTests
{
    private const string Listener = "--SmtpProxy:Listeners:inbound";

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Client_OfAUnixDomainSocket_IsServed(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Unix-domain sockets are tested on Linux");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        // What a killed process leaves: a socket on which nobody answers.
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path + ".dead"));
            File.Move(path + ".dead", path);
        }

        await using (var proxy = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}", "--listen", $"unix:{path}",
            $"{Listener}:SocketMode=0600"))
        {
            Assert.Contains($"listening inbound unix:{path} -> relays", proxy.Output.Text, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(path).UnixFileMode);
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            Assert.StartsWith("220 ", await AllAsync(client), StringComparison.Ordinal);
            Assert.Equal("quit", (await proxy.JournalAsync(1))[0].GetProperty("outcome").GetString());
            proxy.Terminate();
            Assert.Equal(0, await proxy.ExitAsync());
        }

        Assert.False(File.Exists(path));
    }

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Client_OfASocketThatSystemdPassed_IsServed(string transport)
    {
        const string Pass = """
            import os, socket, sys
            s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
            os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="mail")
            os.execvp(sys.argv[1], sys.argv[1:])
            """;
        await using var proxy = await ProxyProcess.StartByAsync(
            [PeerTool.Require("python3"), "-c", Pass], $"--SmtpProxy:Transport={transport}", "--listen", "systemd:mail");
        await AssertGreetingAsync("220 ", proxy.Listener());
    }

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Listener_OfAUnixSocketThatSystemdPasses_Serves_AlsoAClientThatHasALongName(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "systemd is Linux's");
        const string Pass = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()
            os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="mail")
            os.execvp(sys.argv[2], sys.argv[2:])
            """;
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var name = path.PadRight(107, 'y');
        await using var proxy = await ProxyProcess.StartByAsync(
            [PeerTool.Require("python3"), "-c", Pass, path], $"--SmtpProxy:Transport={transport}", "--listen", "systemd:mail");
        foreach (var client in new[] { new UnixDomainSocketEndPoint(name), null })
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            if (client is not null)
            {
                socket.Bind(client);
            }

            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            var greeting = new byte[4];
            using var stream = new NetworkStream(socket);
            await stream.ReadExactlyAsync(greeting).AsTask().WaitAsync(ProxyProcess.Patience);
            Assert.Equal("220 "u8, greeting);
        }

        File.Delete(path);
        File.Delete(name);
    }

    [Fact]
    public async Task Start_WithASocketThatSystemdDidNotPass_IsRefusedWithTheKey()
    {
        var (code, _, errors) = await ProxyProcess.RunAsync("--listen", "systemd:mail", "--admin", "http://127.0.0.1:0", "--relay",
            "smtp://127.0.0.1:26");
        Assert.Equal(1, code);
        Assert.Contains("SmtpProxy:Listeners:inbound:Address: systemd passed no socket named 'mail'", errors, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Address_OfAListenerWithReusePort_CanBeSharedByASecondProxy(string transport)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "SO_REUSEPORT is tested on Linux");
        await using var first = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}", $"{Listener}:ReusePort=true");
        await using var second = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}", $"{Listener}:ReusePort=true",
            "--listen", first.Listener().ToString());
        Assert.Equal(first.Listener(), second.Listener());
        first.Terminate();
        Assert.Equal(0, await first.ExitAsync());
        await AssertGreetingAsync("220 ", second.Listener());
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Client_OfADeniedNetwork_GetsA554AndIsCounted_UntilTheFileSaysOtherwise(string transport)
    {
        static void Write(string folder, string deny) => File.WriteAllText(
            Path.Combine(folder, "appsettings.json"), $$"""{ "SmtpProxy": { "Listeners": { "inbound": { "Deny": "{{deny}}" } } } }""");
        await using var proxy = await ProxyProcess.StartAsync(
            static folder => Write(folder, "127.0.0.0/8,::1"), $"--SmtpProxy:Transport={transport}",
            "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0", "--SmtpProxy:Listeners:other:Address=127.0.0.1:0",
            "--SmtpProxy:Listeners:other:Cluster=relays");
        await AssertGreetingAsync("554 5.7.1 ", proxy.Listener());
        await AssertGreetingAsync("220 ", proxy.Listener("other"));
        Assert.Equal("refused", (await proxy.JournalAsync(1))[0].GetProperty("outcome").GetString());
        Assert.Equal(1, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "denied_network")));
        Write(proxy.Folder, "192.0.2.0/24");
        await proxy.Errors.AwaitAsync(static line => line.Contains("inbound:Deny applies to new sessions", StringComparison.Ordinal));
        await AssertGreetingAsync("220 ", proxy.Listener());
    }

    [Fact]
    public async Task Client_OneTooManyOnItsListener_GetsA421_AndOtherListenersServeIt()
    {
        await using var proxy = await ProxyProcess.StartAsync(
            $"{Listener}:MaxSessionsPerClient=1", "--listen", "127.0.0.1:0", "--listen", "[::1]:0");
        var (first, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (first)
        {
            Assert.StartsWith("220 ", greeting, StringComparison.Ordinal);
            await AssertGreetingAsync("421 4.7.0 ", proxy.Listener());
            await AssertGreetingAsync("220 ", proxy.Listener("inbound-2"));
        }
    }

    private static async Task AssertGreetingAsync(string expected, IPEndPoint address)
    {
        var (client, greeting) = await MailClient.ConnectAsync(address);
        using (client)
        {
            Assert.StartsWith(expected, greeting, StringComparison.Ordinal);
            await client.SendAsync("QUIT");
        }
    }

    private static async Task<string> AllAsync(Socket client)
    {
        await using var stream = new NetworkStream(client);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await stream.WriteAsync("QUIT\r\n"u8.ToArray());
        return await reader.ReadToEndAsync().WaitAsync(ProxyProcess.Patience);
    }
}
