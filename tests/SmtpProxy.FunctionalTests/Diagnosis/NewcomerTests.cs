using System.Net;
using System.Net.Sockets;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Diagnosis;

/// <summary>What somebody new tries with swaks, and what the log says of it.</summary>
public sealed class NewcomerTests
{
    [SkippableFact]
    public async Task Swaks_AtADeadPort_IsToldToStartTheServer()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://{closed.LocalEndPoint}");

        Assert.Contains("Start the mail server", await SwaksAsync(proxy), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Swaks_WithABareDotInTheMessage_IsToldToDoubleIt()
    {
        await using var proxy = await ProxyProcess.StartAsync();

        Assert.Contains("every line that begins with a dot needs a second one",
            await SwaksAsync(proxy, "--no-data-fixup", "--data", "Subject: x\r\n\r\none\r\n.\r\ntwo is lost\r\nthree too\r\n."),
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Swaks_WhoseRecipientIsRefused_IsToldWhatAFaultDid()
    {
        await using var proxy = await ProxyProcess.StartAsync("--SmtpProxy:Faults:Enabled=true",
            "--SmtpProxy:Faults:AllowUnsafeEnvironment=true", "--SmtpProxy:Faults:Rules:no:At=rcpt",
            "--SmtpProxy:Faults:Rules:no:Action:Type=reply", "--SmtpProxy:Faults:Rules:no:Action:Code=450");

        Assert.Contains("An armed fault rule broke this session on purpose", await SwaksAsync(proxy), StringComparison.Ordinal);
    }

    /// <summary>Sends a mail and answers what the log says of the session.</summary>
    private static async Task<string> SwaksAsync(ProxyProcess proxy, params string[] more)
    {
        await Command.RunAsync(PeerTool.Require("swaks"),
            ["--server", $"{proxy.Listener()}", "--to", "you@test.example", "--from", "me@test.example", .. more]);
        return (await proxy.Errors.AwaitAsync(static line => line.Contains("What to do: ", StringComparison.Ordinal)))[0];
    }
}
