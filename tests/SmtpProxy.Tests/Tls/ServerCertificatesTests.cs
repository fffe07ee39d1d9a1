using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Tls;

/// <summary>Certificates whose files change while the proxy runs.</summary>
public sealed class ServerCertificatesTests : IDisposable, ILogger<ServerCertificates>
{
    private const string Setting = "SmtpProxy:Listeners:in:Tls:Certificates:0";
    private readonly TestCertificates _made = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly List<string> _log = [];
    private readonly string _certificate;
    private readonly string _key;

    public ServerCertificatesTests()
    {
        var first = _made.For("first.example");
        (_certificate, _key) = (_made.Write("now.crt", File.ReadAllText(first.Certificate)),
            _made.Write("now.key", File.ReadAllText(first.Key)));
    }

    public void Dispose() => _made.Dispose();

    [Fact]
    public void Files_ThatChange_AreTaken()
    {
        using var certificates = Load();
        Assert.Equal("first.example", Shown(certificates));
        Renew(_made.For("second.example"));
        Assert.Equal("first.example", Shown(certificates));
        Look();
        Assert.Equal("second.example", Shown(certificates));
        Assert.Contains(_log, static line =>
            line.StartsWith("Information Listener in has a new certificate for second.example, good until 2", StringComparison.Ordinal));
    }

    [Fact]
    public void Links_ThatAreMoved_AreFollowed()
    {
        var (one, two) = (_made.For("one.example"), _made.For("two.example"));
        var link = Path.Combine(_made.Path, "link.pem");
        File.CreateSymbolicLink(link, one.Both);
        using var certificates = Handshake.Load(Rules(link, ""), _time, this);
        Assert.Equal("one.example", Shown(certificates));
        File.CreateSymbolicLink(link + ".new", two.Both);
        File.Move(link + ".new", link, overwrite: true);
        Look();
        Assert.Equal("two.example", Shown(certificates));
    }

    /// <summary>A certificate is often as long as the one before it, and some have all files of one time.</summary>
    [Fact]
    public void Files_OfTheSameLengthAndTime_AreTaken()
    {
        var (one, two) = (_made.For("aaa.example"), _made.For("bbb.example"));
        var longest = Math.Max(new FileInfo(one.Both).Length, new FileInfo(two.Both).Length);
        foreach (var file in new[] { one.Both, two.Both })
        {
            File.AppendAllText(file, new string('\n', (int)(longest - new FileInfo(file).Length)));
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        }

        using var certificates = Handshake.Load(Rules(one.Both, ""), _time, this);
        Assert.Equal("aaa.example", Shown(certificates));
        File.Move(two.Both, one.Both, overwrite: true);
        Look();
        Assert.Equal("bbb.example", Shown(certificates));
    }

    /// <summary>Who means to take an authority's word from it must hear that it still counts.</summary>
    [Fact]
    public void Authorities_ThatChange_AreTold_GoodOrBad()
    {
        var authorities = _made.Write("authorities.pem", File.ReadAllText(_made.Ca));
        using var certificates = Load();
        var file = AuthorityFile.Of(authorities);
        Look();
        Assert.DoesNotContain(_log, line => line.Contains(authorities, StringComparison.Ordinal));
        File.WriteAllText(authorities, "no PEM");
        Look();
        Look();
        Assert.StartsWith($"Error ClientCa of a listener or Smtp.TlsCa of a relay: {authorities} holds no certificate",
            Assert.Single(_log, line => line.Contains(authorities, StringComparison.Ordinal)), StringComparison.Ordinal);
        File.Copy(_made.OtherCa, authorities, overwrite: true);
        Look();
        Assert.Contains($"Information {authorities} was read again: it names 1 authorities", _log);
        Assert.Single(file.Current);
    }

    /// <summary>All later looks would wait for it.</summary>
    [Fact]
    public void Files_ThatDoNotEnd_ChangeNothing_AndTheNextAreTaken()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var certificates = Load();
        File.Delete(_key);
        File.CreateSymbolicLink(_key, "/dev/zero");
        Look();
        Assert.Contains($"Error {Setting}:Key: {_key} cannot be used: it is larger than 8 MiB; name another file; "
            + "handshakes go on with the certificates from before", _log);
        File.Delete(_key);
        Renew(_made.For("second.example"));
        Look();
        Assert.Equal("second.example", Shown(certificates));
    }

    [Fact]
    public void Files_ThatBreak_ChangeNothing_AndAreToldOnceWithTheirKey()
    {
        using var certificates = Load();
        File.WriteAllText(_certificate, "-----BEGIN CERTI");
        Look();
        Look();
        Assert.Equal("first.example", Shown(certificates));
        Assert.Equal(
            $"Error {Setting}:Certificate: {_certificate} holds no certificate; write a PEM file with '-----BEGIN CERTIFICATE-----' in " +
                $"it; handshakes go on with the certificates from before", Assert.Single(_log));
        Renew(_made.For("second.example"));
        Look();
        Assert.Equal("second.example", Shown(certificates));
    }

    [Fact]
    public void Files_OfWhichOneIsNotWrittenYet_AreTakenTogether()
    {
        using var certificates = Load();
        var second = _made.For("second.example");
        File.WriteAllText(_certificate, File.ReadAllText(second.Certificate));
        Look();
        Assert.Equal("first.example", Shown(certificates));
        Assert.StartsWith($"Error {Setting}:Key: {_key} holds a private key that is not the certificate's", Assert.Single(_log),
            StringComparison.Ordinal);
        File.WriteAllText(_key, File.ReadAllText(second.Key));
        Look();
        Assert.Equal("second.example", Shown(certificates));
    }

    [Fact]
    public void Files_ThatAreGone_ChangeNothing()
    {
        using var certificates = Load();
        File.Delete(_certificate);
        Look();
        Assert.Equal("first.example", Shown(certificates));
        Assert.Contains(_log, line =>
            line.StartsWith($"Error {Setting}:Certificate: there is no file {_certificate}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Session_ThatHasBegun_KeepsItsCertificate()
    {
        using var certificates = Load();
        var handshake = certificates.For("in")!.Begin();
        var options = await handshake.SelectAsync(null!, new System.Net.Security.SslClientHelloInfo("first.example", default), null,
            CancellationToken.None);
        Renew(_made.For("second.example"));
        Look();
        Assert.Equal("first.example", options.ServerCertificateContext!.TargetCertificate.GetNameInfo(X509NameType.SimpleName, false));
    }

    [Fact]
    public void Certificate_ThatExpired_IsWarnedOf()
    {
        var expired = _made.Expired();
        using var certificates = Handshake.Load(Rules(expired.Certificate, expired.Key), _time, this);
        Assert.StartsWith("Warning The certificate of listener in for localhost, 127.0.0.1, ::1 expired on 2", Assert.Single(_log),
            StringComparison.Ordinal);
        Assert.True(Assert.Single(certificates.Expiries).NotAfter < _time.GetUtcNow());
    }

    [Fact]
    public void Listener_ThatPassesThrough_HasNone()
    {
        using var certificates = Handshake.Load(new ListenerTls(), _time, this);
        Assert.Null(certificates.For("in"));
        Assert.Empty(certificates.Expiries);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        // The authorities of other tests are files of this process as well.
        if (eventId.Id is not (333 or 334) || formatter(state, exception).Contains(_made.Path, StringComparison.Ordinal))
        {
            _log.Add($"{logLevel} {formatter(state, exception)}");
        }
    }

    private static ListenerTls Rules(string certificate, string key) => new()
    {
        Mode = ListenerTlsMode.StartTls,
        Certificates = { ["0"] = new CertificateFiles { Certificate = certificate, Key = key } },
    };

    private static string Shown(ServerCertificates certificates) => certificates.For("in")!.Certificates[0].Names[0];

    private ServerCertificates Load() => Handshake.Load(Rules(_certificate, _key), _time, this);

    private void Look() => _time.Advance(ServerCertificates.Period);

    private void Renew(PemFiles files)
    {
        File.WriteAllText(_certificate, File.ReadAllText(files.Certificate));
        File.WriteAllText(_key, File.ReadAllText(files.Key));
    }
}
