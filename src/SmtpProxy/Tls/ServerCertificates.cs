using SmtpProxy.Files;

namespace SmtpProxy.Tls;

/// <summary>The certificates of all listeners that terminate TLS. Looks at their files, and at those of authorities, every few seconds and
/// takes what has changed, for handshakes that begin from then on; what cannot be loaded changes nothing. Thread-safe.</summary>
public sealed partial class ServerCertificates : IDisposable
{
    /// <summary>How often files are looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Watched> _listeners;
    private readonly ILogger<ServerCertificates> _log;
    private readonly Dictionary<string, int> _authorityReads = new(StringComparer.Ordinal);
    private readonly Lock _looking = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>Loads all of them.</summary>
    /// <param name="listeners">TLS of each listener, by its name.</param>
    /// <param name="time">Drives the looking.</param>
    /// <param name="log">Told of what was taken and what could not be.</param>
    public ServerCertificates(IEnumerable<KeyValuePair<string, ListenerTls>> listeners, TimeProvider time, ILogger<ServerCertificates> log)
    {
        ArgumentNullException.ThrowIfNull(time);
        _log = log;
        _time = time;
        _listeners = listeners.Where(static l => l.Value.Mode != ListenerTlsMode.Passthrough)
            .ToDictionary(static l => l.Key, static l => new Watched(new ServerTls(l.Key, l.Value)), StringComparer.OrdinalIgnoreCase);
        LookAtFiles(isFirst: true);
        _timer = time.CreateTimer(_ => LookAtFiles(isFirst: false), null, Period, Period);
    }

    /// <summary>When the first of each listener's certificates expires.</summary>
    public IEnumerable<(string Listener, DateTimeOffset NotAfter)> Expiries =>
        from listener in _listeners.Values
        where listener.Tls.Certificates.Count > 0
        select (listener.Tls.Listener, listener.Tls.Certificates.Min(static c => c.NotAfter));

    /// <summary>TLS with the clients of a listener; null where it passes through.</summary>
    public ServerTls? For(string listener) => _listeners.GetValueOrDefault(listener)?.Tls;

    public void Dispose() => _timer.Dispose();

    private void LookAtFiles(bool isFirst)
    {
        lock (_looking)
        {
            foreach (var listener in _listeners.Values)
            {
                LookAt(listener, isFirst);
            }

            LookAtAuthorities();
        }
    }

    private void LookAtAuthorities()
    {
        foreach (var file in AuthorityFile.All)
        {
            file.Look(WholeFile.Patience);
            var (reads, certificates, problem) = file.Told;
            var isKnown = _authorityReads.TryGetValue(file.FilePath, out var told);
            if (isKnown && told == reads)
            {
                continue;
            }

            _authorityReads[file.FilePath] = reads;
            if (problem is not null)
            {
                LogAuthoritiesNotRead(problem);
            }
            else if (isKnown)
            {
                LogAuthoritiesRead(file.FilePath, certificates);
            }
        }
    }

    private void LookAt(Watched listener, bool isFirst)
    {
        var files = listener.Tls.Rules.Certificates.Values;
        FileStamp[] stamps = [.. files.SelectMany(static f => new[] { f.Certificate, f.Key, f.Pfx }).Where(static p => p.Length > 0)
            .Select(FileStamp.Of)];
        if (stamps.AsSpan().SequenceEqual(listener.Stamps))
        {
            return;
        }

        // A broken file is reported once, and read again only when it has changed.
        listener.Stamps = stamps;
        var loaded = new List<LoadedCertificate>();
        foreach (var (name, file) in listener.Tls.Rules.Certificates)
        {
            if (CertificateLoader.TryLoad(file, out var certificate) is { } wrong)
            {
                LogNotLoaded($"SmtpProxy:Listeners:{listener.Tls.Listener}:Tls:Certificates:{name}:{wrong.Setting}", wrong.Problem);
                return;
            }

            loaded.Add(certificate!);
        }

        listener.Tls.Certificates = loaded;
        foreach (var certificate in loaded)
        {
            var names = string.Join(", ", certificate.Names);
            if (!isFirst)
            {
                LogLoaded(listener.Tls.Listener, names, certificate.NotAfter);
            }

            if (certificate.NotAfter <= _time.GetUtcNow())
            {
                LogExpired(listener.Tls.Listener, names, certificate.NotAfter);
            }
        }
    }

    [LoggerMessage(EventId = 330, Level = LogLevel.Error, Message = "{Key}: {Problem}; handshakes go on with the certificates from before")]
    private partial void LogNotLoaded(string key, string problem);

    [LoggerMessage(EventId = 331, Level = LogLevel.Information,
        Message = "Listener {Listener} has a new certificate for {Names}, good until {NotAfter:u}")]
    private partial void LogLoaded(string listener, string names, DateTimeOffset notAfter);

    [LoggerMessage(EventId = 332, Level = LogLevel.Warning,
        Message = "The certificate of listener {Listener} for {Names} expired on {NotAfter:u}: clients will refuse it")]
    private partial void LogExpired(string listener, string names, DateTimeOffset notAfter);

    [LoggerMessage(EventId = 333, Level = LogLevel.Error,
        Message = "ClientCa of a listener or Smtp.TlsCa of a relay: {Problem}; who was believed before still is")]
    private partial void LogAuthoritiesNotRead(string problem);

    [LoggerMessage(EventId = 334, Level = LogLevel.Information, Message = "{Path} was read again: it names {Count} authorities")]
    private partial void LogAuthoritiesRead(string path, int count);

    private sealed class Watched(ServerTls tls)
    {
        public ServerTls Tls { get; } = tls;

        public FileStamp[] Stamps { get; set; } = [];
    }
}
