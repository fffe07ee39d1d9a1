using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

public sealed class StopTests
{
    private const int Interrupt = 2;
    private const string Token = "0123456789abcdef0123";

    [Theory]
    [InlineData(15)]
    [InlineData(Interrupt)]
    public async Task Stop_WithNothingOpen_ExitsZero(int signal)
    {
        await using var proxy = await ProxyProcess.StartAloneAsync();
        proxy.Signal(signal);
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.DoesNotContain("fail", proxy.Errors.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WithATransactionOpen_LetsItFinishThenSays421AndKeepsTheJournal()
    {
        await using var proxy = await ProxyProcess.StartAloneAsync();
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            await client.SayAsync("EHLO client.example");
            await client.SayAsync("MAIL FROM:<me@example.org>");
            proxy.Terminate();
            await proxy.Errors.AwaitAsync(static line => line.Contains("Stopping:", StringComparison.Ordinal));

            // Draining: whoever asks is told so, and nobody new is taken.
            using var http = new HttpClient { BaseAddress = proxy.Admin };
            using var ready = await http.GetAsync("/readyz");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            await Assert.ThrowsAnyAsync<SocketException>(() => MailClient.ConnectAsync(proxy.Listener()));

            Assert.StartsWith("250 ", await client.SayAsync("RCPT TO:<you@example.org>"), StringComparison.Ordinal);
            Assert.StartsWith("354 ", await client.SayAsync("DATA"), StringComparison.Ordinal);
            Assert.StartsWith("250 ", await client.SayAsync("Subject: hello\r\n\r\nhi\r\n."), StringComparison.Ordinal);
            Assert.StartsWith("421 4.3.2 ", await client.ReplyAsync(), StringComparison.Ordinal);
            Assert.Null(await client.ReplyAsync());
        }

        Assert.Equal(0, await proxy.ExitAsync());
        var session = Assert.Single(await proxy.JournalAsync(1));
        Assert.Equal("delivered", session.GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Stop_WithAClientThatDoesNothing_EndsAtTheDeadline()
    {
        await using var proxy = await ProxyProcess.StartAloneAsync("--SmtpProxy:Limits:Drain=00:00:00.2");
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            await client.SayAsync("EHLO client.example");
            await client.SayAsync("MAIL FROM:<me@example.org>");
            proxy.Terminate();
            Assert.Equal(0, await proxy.ExitAsync());
        }

        // Neither side closes its end behind our farewell: the session is cut when its time is over, and still recorded.
        Assert.DoesNotContain("did not end in time", proxy.Errors.Text, StringComparison.Ordinal);
        Assert.Equal("shutdown", Assert.Single(await proxy.JournalAsync(1)).GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Stop_WithADelay_SaysThatItIsNotReadyWhileItStillTakesMail()
    {
        await using var proxy = await ProxyProcess.StartAloneAsync("--SmtpProxy:Limits:StopDelay=00:10:00");
        proxy.Terminate();
        await proxy.Errors.AwaitAsync(static line => line.Contains("About to stop:", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/readyz")).StatusCode);
        // Alive all the same: whoever restarts what is dead has no reason to.
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/healthz")).StatusCode);

        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.StartsWith("220 ", greeting, StringComparison.Ordinal);
            await client.SayAsync("EHLO client.example");
            Assert.StartsWith("250 ", await client.SayAsync("MAIL FROM:<me@example.org>"), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        proxy.Signal(Interrupt);
        Assert.Equal(130, await proxy.ExitAsync());
    }

    [Fact]
    public async Task Stop_AfterItsDelay_ClosesListenersAndExitsZero()
    {
        await using var proxy = await ProxyProcess.StartAloneAsync("--SmtpProxy:Limits:StopDelay=00:00:00.3");
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());
        var said = proxy.Errors.Text;
        var delayed = said.IndexOf("About to stop: not ready from now on, and listening for another 00:00:00.3", StringComparison.Ordinal);
        Assert.InRange(delayed, 0, said.IndexOf("Stopping: 0 sessions", StringComparison.Ordinal));
    }

    /// <summary>The server would wait for them for half a minute.</summary>
    [Fact]
    public async Task Stop_WithHalfOfARequest_DoesNotWaitForTheRest_AndNoneIsAnErrorInTheLog()
    {
        await using var proxy = await ProxyProcess.StartAloneAsync($"--SmtpProxy:Admin:BearerToken={Token}");
        var host = $"Host: {proxy.Admin.Authority}\r\n";
        const string Body = "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
        List<Socket> halves = [];
        foreach (var half in new[]
        {
            $"GET /healthz HTTP/1.1\r\n{host}X-", $"POST /api/v1/login HTTP/1.1\r\n{host}{Body}",
            $"PUT /api/v1/faults/rules/a HTTP/1.1\r\n{host}{Body}",
            $"PUT /api/v1/faults/rules/a HTTP/1.1\r\n{host}Authorization: Bearer {Token}\r\n{Body}",
        })
        {
            halves.Add(await AskAsync(proxy.Admin, half));
        }

        // And one who has gone in the middle of a body.
        var gone = await AskAsync(proxy.Admin, $"POST /api/v1/login HTTP/1.1\r\n{host}{Body}");
        gone.Close(0);
        using (var http = new HttpClient { BaseAddress = proxy.Admin })
        {
            // It was connected after them: they are known to the server.
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/healthz")).StatusCode);
        }

        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.Contains("4 HTTP connections were still open and are closed", proxy.Errors.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", proxy.Errors.Text, StringComparison.Ordinal);
        halves.ForEach(static half => half.Dispose());
    }

    private static async Task<Socket> AskAsync(Uri admin, string octets)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(admin.Host, admin.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(octets));
        return socket;
    }

    [Fact]
    public async Task Stop_ASecondSignal_ExitsAtOnce()
    {
        await using var proxy = await ProxyProcess.StartAloneAsync("--SmtpProxy:Limits:Drain=00:10:00");
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            await client.SayAsync("EHLO client.example");
            await client.SayAsync("MAIL FROM:<me@example.org>");
            proxy.Terminate();
            await proxy.Errors.AwaitAsync(static line => line.Contains("Stopping:", StringComparison.Ordinal));
            proxy.Signal(Interrupt);
            Assert.Equal(130, await proxy.ExitAsync());
        }
    }
}
