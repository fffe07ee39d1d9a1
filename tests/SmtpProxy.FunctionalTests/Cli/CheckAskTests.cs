using System.Net;
using System.Net.Sockets;
using SmtpProxy.FunctionalTests.Identity;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary><c>check --ask</c>: what relays answer before a proxy runs.</summary>
public sealed class CheckAskTests(Postfix postfix) : IClassFixture<Postfix>
{
    private const string Cluster = "--ReverseProxy:Clusters:relays";

    [Fact]
    public async Task Ask_RelaysThatAreWell_AreShownWithWhatTheyOffer_AndTheCodeIsZero()
    {
        await using var first = new TrustingRelay(isLmtp: false, "PIPELINING", "SIZE 1000");
        await using var second = new TrustingRelay(IPAddress.IPv6Loopback, isLmtp: true, "PIPELINING");
        var (code, output, errors) = await ProxyProcess.RunAsync(
            "check", "--ask", "--relay", first.Address, "--relay", second.Address, $"{Cluster}:Metadata:Smtp.Name=h",
            $"{Cluster}:Destinations:relay-2:Metadata:Smtp.Protocol=Lmtp");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains($"relay     relays/relay-1 {first.Address}: serves, ", output, StringComparison.Ordinal);
        Assert.Contains($"relay     relays/relay-2 {second.Address}: serves, ", output, StringComparison.Ordinal);
        Assert.Contains("  said    220 relay.example ready\n  offers  PIPELINING, SIZE 1000\n", output, StringComparison.Ordinal);
        Assert.Contains("asked     2 relays: 2 serve, 0 do not, 0 trust this host", output, StringComparison.Ordinal);
        Assert.Equal(["EHLO h", "QUIT"], first.Heard);
        Assert.Equal(["LHLO h", "QUIT"], second.Heard);
    }

    [Theory]
    [InlineData("XCLIENT ADDR", "", "TRUSTS THIS HOST: it offers XCLIENT to")]
    [InlineData("xforward NAME ADDR", "", "TRUSTS THIS HOST: it offers XFORWARD to")]
    [InlineData("PIPELINING", "Smtp.XClient=true", "DOES NOT OFFER XCLIENT to this host")]
    [InlineData("XCLIENT ADDR", "Smtp.XClient=true", null)]
    [InlineData("XCLIENT ADDR", "Smtp.ProxyProtocol=None", "TRUSTS THIS HOST: it offers XCLIENT to")]
    public async Task Ask_ARelayThatTrustsThisHost_IsWarnedOf_UnlessItIsToldItsClients(string offer, string setting, string? warning)
    {
        ArgumentNullException.ThrowIfNull(setting);
        await using var relay = new TrustingRelay(isLmtp: false, offer);
        var (code, output, errors) = await ProxyProcess.RunAsync(
            ["check", "--ask", "--relay", relay.Address, .. setting.Length > 0
                ? [$"{Cluster}:Metadata:{setting}"] : Array.Empty<string>()]);
        Assert.Equal((warning is null ? 0 : 2, ""), (code, errors));
        if (warning is not null)
        {
            Assert.Contains($"WARNING   relay relays/relay-1 {warning}", output, StringComparison.Ordinal);
        }
        else
        {
            Assert.DoesNotContain("WARNING   relay ", output, StringComparison.Ordinal);
        }
    }

    /// <summary>Postfix answers a header that it does not expect as a command, and waits for one that does not come.</summary>
    [SkippableTheory]
    [InlineData("V1", "it is sent a PROXY header (Smtp.ProxyProtocol). A relay that expects none takes that for a command")]
    [InlineData("None", "The relay expects a PROXY header before anything else")]
    public async Task Ask_ARelayThatExpectsAHeader_OrNone_SaysThatItMayBeThat(string header, string hint)
    {
        postfix.Require();
        var (code, output, _) = await ProxyProcess.RunAsync(
            "check", "--ask", "--relay", $"smtp://127.0.0.1:{(header == "None" ? postfix.ProxyPort : postfix.Port)}",
            $"{Cluster}:Metadata:Smtp.ProxyProtocol={header}");
        Assert.Equal(2, code);
        Assert.Contains("DOES NOT SERVE: ", output, StringComparison.Ordinal);
        Assert.Contains($"  hint    {hint}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_RelaysThatDoNotServe_SaysWhyOfEach_AndTheCodeIsTwo()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var gone = nobody.LocalEndpoint;
        nobody.Stop();
        var (code, output, errors) = await ProxyProcess.RunAsync(
            "check", "--ask", "--relay", $"smtp://{gone}", "--relay", $"smtp://{silent.LocalEndpoint}", "--relay",
            "smtp://nowhere.invalid");
        Assert.Equal((2, ""), (code, errors));
        Assert.Contains($"relays/relay-1 smtp://{gone}: DOES NOT SERVE: cannot be connected to: ", output, StringComparison.Ordinal);
        Assert.Contains($"relays/relay-2 smtp://{silent.LocalEndpoint}: DOES NOT SERVE: the relay sent no greeting in time", output,
            StringComparison.Ordinal);
        Assert.Contains("relays/relay-3 smtp://nowhere.invalid:25: DOES NOT SERVE: its name does not resolve", output,
            StringComparison.Ordinal);
        Assert.Contains("asked     3 relays: 0 serve, 3 do not, 0 trust this host", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Smtp.Tls=Required", "Smtp.TlsVerify=None", "serves, ", 0)]
    [InlineData("Smtp.Tls=Opportunistic", "Smtp.TlsVerify=None", "serves, ", 0)]
    [InlineData("Smtp.Tls=Required", "Smtp.TlsVerify=Full", "DOES NOT SERVE: the TLS handshake failed: ", 2)]
    public async Task Ask_ARelayWithWhichTheProxySpeaksTls_IsAskedInsideIt(string mode, string verify, string result, int expected)
    {
        using var made = new TestCertificates();
        await using var relay = new RecordingRelay(made.Good().Load());
        var (code, output, errors) = await ProxyProcess.RunAsync(
        [
            "check", "--ask", "--relay", relay.Address, $"{Cluster}:Metadata:{mode}", $"{Cluster}:Metadata:{verify}",
            $"{Cluster}:Metadata:Smtp.Name=h",
            "--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls", .. made.Good().Arguments("inbound"),
        ]);
        Assert.Equal((expected, ""), (code, errors));
        Assert.Contains($"{relay.Address}: {result}", output, StringComparison.Ordinal);
        Assert.Equal(expected == 0 ? ["c:EHLO h", "c:STARTTLS", "t:EHLO h", "t:QUIT"] : ["c:EHLO h", "c:STARTTLS"], relay.Heard);
        Assert.Equal(expected == 0, output.Contains("Tls13, certificate until 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ask_WhatIsShipped_AsksNobody_AsTheSinkIsNoRelay()
    {
        var (code, output, errors) = await ProxyProcess.RunAsync("check", "--ask");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("relays/sink smtp://127.0.0.1:2526: the embedded sink; it is not asked", output, StringComparison.Ordinal);
        Assert.Contains("asked     0 relays", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_WithoutAsk_TouchesNoRelay()
    {
        await using var relay = new TrustingRelay(isLmtp: false, "XCLIENT ADDR");
        Assert.Equal(0, (await ProxyProcess.RunAsync("check", "--relay", relay.Address)).ExitCode);
        Assert.Empty(relay.Heard);
    }

    [SkippableFact]
    public async Task Ask_APostfixThatTakesXClientOfThisHost_SaysSo_UnlessItIsToldItsClients()
    {
        postfix.Require();
        var address = $"smtp://127.0.0.1:{postfix.Port}";
        var (code, output, _) = await ProxyProcess.RunAsync("check", "--ask", "--relay", address);
        Assert.Equal(2, code);
        Assert.Contains("TRUSTS THIS HOST", output, StringComparison.Ordinal);
        Assert.Equal(0, (await ProxyProcess.RunAsync("check", "--ask", "--relay", address, "--xclient")).ExitCode);
    }
}
