using System.Net.Security;

namespace SmtpProxy.Tls;

/// <summary>TLS with the clients of one listener. Thread-safe.</summary>
public sealed class ServerTls
{
    private readonly AuthorityFile? _authorities;
    private volatile IReadOnlyList<LoadedCertificate> _certificates = [];

    internal ServerTls(string listener, ListenerTls rules)
    {
        Listener = listener;
        Rules = rules;
        _authorities = rules.ClientCa.Length > 0 ? AuthorityFile.Of(rules.ClientCa) : null;
        _authorities?.Look(Files.WholeFile.Patience);
    }

    /// <summary>The listener's name.</summary>
    public string Listener { get; }

    /// <summary>What is configured.</summary>
    public ListenerTls Rules { get; }

    /// <summary>The certificates as they are now; the first is the default.</summary>
    public IReadOnlyList<LoadedCertificate> Certificates
    {
        get => _certificates;
        internal set => _certificates = value;
    }

    /// <summary>One handshake with a client: its options, and afterwards whom it asked for and why its
    /// certificate was not believed.</summary>
    public ServerHandshake Begin() => new(this);

    /// <summary>The certificate for a server's name; the default where there is none, or none was given.</summary>
    internal LoadedCertificate? Pick(string serverName)
    {
        var all = _certificates;
        return (serverName.Length > 0 && all.Count > 1 ? all.FirstOrDefault(c => c.IsFor(serverName)) : null)
            ?? (all.Count > 0 ? all[0] : null);
    }

    internal System.Security.Cryptography.X509Certificates.X509ChainPolicy ClientPolicy() =>
        ChainPolicies.For(_authorities, ofClient: true);
}
