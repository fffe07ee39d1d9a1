using SmtpProxy.Inspection;

namespace SmtpProxy.Tests.Inspection;

/// <summary>What a walk says to a server, and what it makes of the answers.</summary>
public sealed class WalkTests
{
    private const string Envelope = "EHLO me.test\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\n";

    [Fact]
    public async Task Server_AsksForTheMessage_NoOctetOfItIsSent()
    {
        var server = new ScriptedServer(ScriptedServer.Yes);
        var walk = await server.WalkAsync();
        await server.Served;
        Assert.True(walk.IsGood);
        Assert.Equal(Envelope + "DATA\r\n", server.Heard);
        Assert.Equal(["dns", "connect", "greeting", "ehlo", "mail", "rcpt", "data", "close"], walk.Steps.Select(static s => s.Name));
        Assert.Equal(["PIPELINING", "ENHANCEDSTATUSCODES"], walk.Offers);
        Assert.Equal(walk.Steps.OrderBy(static s => s.At), walk.Steps);
    }

    [Fact]
    public async Task Data_NotWanted_PartsWithRsetAndQuit()
    {
        var server = new ScriptedServer(ScriptedServer.Yes);
        Assert.True((await server.WalkAsync(static p => p with
            { StopsBeforeData = true, IsLmtp = true, From = "a@b", To = "c@d" })).IsGood);
        await server.Served;
        Assert.Equal("LHLO me.test\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRSET\r\nQUIT\r\n", server.Heard);
    }

    [Theory]
    [InlineData("RCPT", "450 4.2.0 <x>: Recipient address rejected: Greylisted", "greylisted", true, "RSET\r\nQUIT\r\n")]
    [InlineData("RCPT", "550 5.1.1 no such user", "recipient_unknown", false, "RSET\r\nQUIT\r\n")]
    [InlineData("MAIL", "530 5.7.0 Must issue a STARTTLS command first", "tls_required", false, "QUIT\r\n")]
    [InlineData("EHLO", "554 5.7.1 no", "unclear", false, "QUIT\r\n")]
    [InlineData("DATA", "250 2.0.0 what message", "data_refused", false, "RSET\r\nQUIT\r\n")]
    [InlineData("DATA", "451 4.3.0 later", "relay_internal_error", true, "RSET\r\nQUIT\r\n")]
    [InlineData("", "554 no service", "greeting_refused", false, "QUIT\r\n")]
    [InlineData("MAIL", "421 4.3.2 shutting down", "relay_closing", true, "MAIL FROM:<>\r\n")]
    [InlineData("RCPT", "421 4.3.2 shutting down", "relay_closing", true, "RCPT TO:<Postmaster>\r\n")]
    public async Task Refusal_AtAnyStep_IsDiagnosed_AndTheServerIsLeftProperly(string at, string reply, string diagnosis, bool isTransient,
        string farewell)
    {
        var server = new ScriptedServer(command => command.Split(' ')[0] == at ? reply : ScriptedServer.Yes(command));
        var walk = await server.WalkAsync();
        await server.Served;
        Assert.Equal((diagnosis, isTransient), (walk.Finding!.Code, walk.IsTransient));
        Assert.EndsWith(farewell, server.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain("RSET", server.Heard[..^farewell.Length], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RCPT", null, "relay_hung_up", "rcpt")]
    [InlineData("", null, "relay_hung_up", "greeting")]
    [InlineData("", "SSH-2.0-OpenSSH_9.2", "relay_not_smtp", "greeting")]
    [InlineData("", "HTTP/1.1 400 Bad Request", "relay_not_smtp", "greeting")]
    [InlineData("MAIL", "what?", "relay_timeout", "mail")]
    public async Task Conversation_ThatBreaksOff_IsDiagnosed_AtItsStep(string at, string? reply, string diagnosis, string step)
    {
        var walk = await new ScriptedServer(command => command.Split(' ')[0] == at ? reply : ScriptedServer.Yes(command)).WalkAsync();
        Assert.Equal((diagnosis, step), (walk.Finding!.Code, walk.Steps[^1].Name));
        Assert.NotNull(walk.Steps[^1].Problem);
        Assert.False(walk.IsTransient);
    }

    [Fact]
    public async Task Server_ThatSaysNothing_IsGivenUp()
    {
        var walk = await new ScriptedServer(static command => command.StartsWith("DATA", StringComparison.Ordinal)
            ? "" : ScriptedServer.Yes(command))
            .WalkAsync(static p => p with { Patience = TimeSpan.FromMilliseconds(200) });
        Assert.Equal("no_354", walk.Finding!.Code);
    }

    [Fact]
    public async Task Tls_ThatIsRequiredAndNotOffered_IsSaid_AndNothingOfTheEnvelope()
    {
        var server = new ScriptedServer(ScriptedServer.Yes);
        var walk = await server.WalkAsync(static p => p with { StartTls = TlsWish.Required });
        await server.Served;
        Assert.Equal("relay_tls_failed", walk.Finding!.Code);
        Assert.Equal("EHLO me.test\r\nQUIT\r\n", server.Heard);
    }

    [Fact]
    public async Task Rehearsal_OfAWalk_LeavesTheServerAlone()
    {
        var server = new ScriptedServer(ScriptedServer.Yes);
        _ = global::SmtpProxy.Upstreams.Relays.RelayAddress.TryRead("smtp://mx.test", out var address);
        await Rehearsal.RunAsync(new WalkPlan(address!), static (_, _) => throw new System.Net.Sockets.SocketException(),
            static (_, _) => Task.FromResult<System.Net.IPAddress[]>([]), CancellationToken.None);
        Assert.Equal(0, server.Connections);
    }
}
