using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Conformance;

/// <summary>A proxy that ends the client's TLS, between a scripted client and a scripted relay in the clear that act in turn: each only
/// when it has received everything before. What one says at once goes out in one write, or in several of a few octets each.</summary>
#pragma warning disable CA1001 // DisposeAsync of the test's lifetime does it.
public sealed class SecuredProxy<TTransport> : IAsyncLifetime
#pragma warning restore CA1001
    where TTransport : ITransportName
{
    /// <summary>Octets of one write. Lines are cut by it everywhere, and a session costs tens of records and not hundreds.</summary>
    private const int Piece = 7;

    /// <summary>Longer payloads are cut into so many pieces.</summary>
    private const int MostPieces = 100;

    private readonly TcpListener _relay = new(IPAddress.Loopback, 0);
    private readonly TestCertificates _made = new();
    private ProxyProcess? _proxy;
    private int _sessions;

    public async Task InitializeAsync()
    {
        _relay.Start();
        var certificate = _made.Good();
        _proxy = await ProxyProcess.StartAsync(
            static _ => { }, new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Test" },
            [
                "--relay", $"smtp://{_relay.LocalEndpoint}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None", "--addresses", "full",
                $"--SmtpProxy:Transport={TTransport.Name}",
                .. Listener(SecuredDialogues.Implicit, "Implicit", certificate),
                .. Listener(SecuredDialogues.StartTls, "StartTls", certificate), .. TTransport.More,
            ]);
    }

    public async Task DisposeAsync()
    {
        await _proxy!.DisposeAsync();
        _relay.Dispose();
        _made.Dispose();
    }

    /// <summary>Plays a dialogue; returns the session's line in the journal.</summary>
    public async Task<JsonElement> ReplayAsync(SecuredDialogue dialogue, string listener, bool whole)
    {
        // Also when it fails: it is one in the journal.
        _sessions++;
        await PlayAsync(dialogue, listener, whole);
        return (await _proxy!.JournalAsync(_sessions))[_sessions - 1];
    }

    private async Task PlayAsync(SecuredDialogue dialogue, string listener, bool whole)
    {
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_proxy!.Listener(listener), patience.Token);
        var client = new Side(socket, new NetworkStream(socket));
        if (listener == SecuredDialogues.Implicit)
        {
            await client.SecureAsync(patience.Token);
        }

        using var accepted = await _relay.AcceptSocketAsync(patience.Token);
        accepted.NoDelay = true;
        var relay = new Side(accepted, new NetworkStream(accepted));
        if (listener == SecuredDialogues.StartTls)
        {
            foreach (var greets in dialogue.Clear)
            {
                await PassAsync(greets.Text, greets.Text, relay, client, whole, patience.Token);
            }

            await PassAsync(SecuredDialogue.Preface, SecuredDialogue.Preface, client, relay, whole, patience.Token);
            var offered = SecuredDialogue.PrefaceReply.Replace("250 SIZE", "250-SIZE", StringComparison.Ordinal) + "250 STARTTLS\r\n";
            await PassAsync(SecuredDialogue.PrefaceReply, offered, relay, client, whole, patience.Token);
            await client.SayAsync(SecuredDialogue.AskForTls, whole ? int.MaxValue : Piece, patience.Token);
            Assert.StartsWith("220 ", await client.LineAsync(patience.Token), StringComparison.Ordinal);
            await client.SecureAsync(patience.Token);
        }

        var late = "";
        foreach (var happens in dialogue.Inside)
        {
            var (from, to) = happens.IsClients ? (client, relay) : (relay, client);
            if (happens.Op is { } op)
            {
                await EndAsync(op, from, to, late, patience.Token);
                late = "";
                continue;
            }

            if (happens.MayBeLate)
            {
                late += happens.Shown;
                await from.SayAsync(happens.Text, whole ? int.MaxValue : Piece, patience.Token);
            }
            else
            {
                await PassAsync(happens.Text, late + happens.Shown, from, to, whole, patience.Token);
                late = "";
            }
        }

        client.Close();
        relay.Close();
    }

    private static string[] Listener(string name, string mode, PemFiles certificate) =>
        [$"--SmtpProxy:Listeners:{name}:Address=127.0.0.1:0", $"--SmtpProxy:Listeners:{name}:Cluster=relays",
            $"--SmtpProxy:Listeners:{name}:Tls:Mode={mode}", .. certificate.Arguments(name)];

    private static async Task PassAsync(string said, string shown, Side from, Side to, bool whole, CancellationToken cancel)
    {
        // At once: what is sent may be more than the sockets between hold.
        var sending = from.SayAsync(said, whole ? int.MaxValue : Math.Max(Piece, said.Length / MostPieces), cancel);
        Assert.Equal(shown, await to.HearAsync(shown.Length, cancel));
        await sending;
    }

    private static async Task EndAsync(string how, Side from, Side to, string late, CancellationToken cancel)
    {
        if (how == "reset")
        {
            from.Reset();
            await Assert.ThrowsAnyAsync<IOException>(() => to.HearAsync(1, cancel));
            return;
        }

        await from.EndAsync();
        Assert.Equal(late, await to.HearAsync(late.Length + 1, cancel));
    }

    /// <summary>One side's connection, in the clear or inside TLS.</summary>
    private sealed class Side(Socket socket, Stream stream)
    {
        private Stream _stream = stream;

        public async Task SecureAsync(CancellationToken cancel)
        {
#pragma warning disable CA5359 // The certificate is a throw-away one of this test.
            var tls = new SslStream(_stream, false, static (_, _, _, _) => true);
#pragma warning restore CA5359
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, cancel);
            _stream = tls;
        }

        public async Task SayAsync(string text, int piece, CancellationToken cancel)
        {
            foreach (var octets in Encoding.Latin1.GetBytes(text).Chunk(piece))
            {
                await _stream.WriteAsync(octets, cancel);
            }
        }

        /// <summary>So many octets, or fewer where the other side ends before.</summary>
        public async Task<string> HearAsync(int count, CancellationToken cancel)
        {
            var heard = new byte[count];
            var length = await _stream.ReadAtLeastAsync(heard, count, throwOnEndOfStream: false, cancel);
            return Encoding.Latin1.GetString(heard, 0, length);
        }

        public async Task<string> LineAsync(CancellationToken cancel)
        {
            var line = "";
            while (!line.EndsWith('\n') && await HearAsync(1, cancel) is { Length: 1 } more)
            {
                line += more;
            }

            return line;
        }

        public async Task EndAsync()
        {
            if (_stream is SslStream tls)
            {
                await tls.ShutdownAsync();
            }

            socket.Shutdown(SocketShutdown.Send);
        }

        public void Reset()
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }

        public void Close()
        {
            try
            {
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It has ended already.
            }
        }
    }
}
