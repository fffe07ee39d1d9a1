using MailKit.Security;
using SmtpProxy.FunctionalTests.Peers.Clients;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tls;

namespace SmtpProxy.FunctionalTests.Peers;

/// <summary>One way from a client to a relay: what the client does about TLS, and what the proxy does about it with the relay.</summary>
/// <param name="Client">How the client speaks: <c>plain</c>, <c>starttls</c>, <c>implicit</c>.</param>
/// <param name="Listener">What the listener does about TLS.</param>
/// <param name="Relay">What is configured for the relay.</param>
internal sealed record TlsWay(string Client, ListenerTlsMode Listener, RelayTlsMode Relay)
{
    /// <summary>Every way that leads somewhere.</summary>
    public static IReadOnlyList<TlsWay> All { get; } =
    [
        .. from way in ((string, ListenerTlsMode)[])[("plain", ListenerTlsMode.None), ("plain", ListenerTlsMode.StartTls),
            ("starttls", ListenerTlsMode.StartTls), ("implicit", ListenerTlsMode.Implicit)]
           from relay in Enum.GetValues<RelayTlsMode>()
           select new TlsWay(way.Item1, way.Item2, relay),
    ];

    /// <summary>Every way to this relay.</summary>
    public static IReadOnlyList<TlsWay> To(MailServer relay) => [.. All.Where(way => relay.SpeaksTls || !way.IsRelayEncrypted)];

    /// <summary>The name of its listener and its cluster.</summary>
    public string Name => $"{Listener}-{Relay}".ToLowerInvariant();

    /// <summary>The relay's leg is encrypted.</summary>
    public bool IsRelayEncrypted => Relay switch
    {
        RelayTlsMode.None => false,
        RelayTlsMode.AsClient => Client != "plain",
        _ => true,
    };

    /// <summary>And from its first octet.</summary>
    public bool IsRelayImplicit =>
        Relay == RelayTlsMode.Implicit || (Relay == RelayTlsMode.AsClient && Listener == ListenerTlsMode.Implicit);

    /// <summary>The configuration of a proxy with all ways to a relay.</summary>
    public static string[] Configuration(MailServer relay, PemFiles certificate) =>
    [
        "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0",
        .. All.DistinctBy(static way => way.Name).SelectMany(way => way.Configure(relay, certificate)),
    ];

    /// <summary>Sends a message by one of the clients.</summary>
    public Task SendAsync(string program, System.Net.IPEndPoint to, byte[] message) => program switch
    {
        "mailkit" => MailClient.MailKitAsync(to, "me@test.example", ["a@test.example"], message, Client switch
        {
            "plain" => SecureSocketOptions.None,
            "starttls" => SecureSocketOptions.StartTls,
            _ => SecureSocketOptions.SslOnConnect,
        }),
        "swaks" => MailClient.SwaksAsync(to, "me@test.example", ["a@test.example"], message, Client switch
        {
            "plain" => [],
            "starttls" => ["--tls"],
            _ => ["--tls-on-connect"],
        }),
        _ => OpenSslAsync(to, message),
    };

    private IEnumerable<string> Configure(MailServer relay, PemFiles certificate)
    {
        yield return $"--SmtpProxy:Listeners:{Name}:Address=127.0.0.1:0";
        yield return $"--SmtpProxy:Listeners:{Name}:Cluster={Name}";
        yield return $"--SmtpProxy:Listeners:{Name}:Tls:Mode={Listener}";
        if (Listener != ListenerTlsMode.None)
        {
            foreach (var argument in certificate.Arguments(Name))
            {
                yield return argument;
            }
        }

        var cluster = $"--ReverseProxy:Clusters:{Name}";
        yield return $"{cluster}:Destinations:relay:Address=smtp://127.0.0.1:{(IsRelayImplicit ? relay.SmtpsPort : relay.Port)}";
        yield return $"{cluster}:Metadata:Smtp.Tls={Relay}";
        yield return $"{cluster}:Metadata:Smtp.TlsCa={relay.Ca}";
        yield return $"{cluster}:Metadata:Smtp.TlsServerName=localhost";
    }

    /// <summary>The dialogue by hand, as somebody does who looks what is wrong; openssl speaks STARTTLS and then hands over.</summary>
    private async Task OpenSslAsync(System.Net.IPEndPoint to, byte[] message)
    {
        await using var talk = await TlsTalk.OpenAsync(to, Client);
        await talk.SayAsync("EHLO client.test.example", "250");
        await talk.SayAsync("MAIL FROM:<me@test.example>", "250");
        await talk.SayAsync("RCPT TO:<a@test.example>", "250");
        await talk.SayAsync("DATA", "354");
        await talk.SayAsync($"{System.Text.Encoding.Latin1.GetString(message)}.", "250");
        await talk.SayAsync("QUIT", "221");
    }
}
