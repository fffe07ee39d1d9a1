using System.Net;
using Microsoft.Extensions.Options;
using SmtpProxy.Transport;

namespace SmtpProxy.Sink;

/// <summary>Runs the embedded relay: listens for SMTP and, where configured, LMTP.</summary>
public sealed partial class SinkService : IHostedService
{
    private static readonly byte[] Busy = "421 4.3.2 Too many sessions, please try again later\r\n"u8.ToArray();
    private readonly SinkOptions _options;
    private readonly SinkMailbox _mailbox;
    private readonly ITransport _transport;
    private readonly ILogger<SinkService> _log;
    private readonly SinkSessions _sessions = new();
    private readonly List<IListening> _listening = [];

    /// <summary>Creates it; nothing listens before <see cref="StartAsync"/>.</summary>
    public SinkService(IOptions<SinkOptions> options, SinkMailbox mailbox, ITransport transport, ILogger<SinkService> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _mailbox = mailbox;
        _transport = transport;
        _log = log;
    }

    /// <summary>Where it speaks SMTP, with the real port; null while it does not.</summary>
    public EndPoint? SmtpAddress { get; private set; }

    /// <summary>Where it speaks LMTP; null while it does not.</summary>
    public EndPoint? LmtpAddress { get; private set; }

    /// <summary>Sessions that are open.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>Opens the listeners.</summary>
    /// <exception cref="TransportException">An address cannot be bound.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_options.Enabled)
        {
            return Task.CompletedTask;
        }

        SmtpAddress = Listen(_options.Address, "SMTP", isLmtp: false);
        LmtpAddress = _options.LmtpAddress is { } lmtp ? Listen(lmtp, "LMTP", isLmtp: true) : null;
        return Task.CompletedTask;
    }

    /// <summary>Closes the listeners, then every session with 421; what is left when the token is cancelled is reset.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var listening in _listening)
        {
            listening.Stop();
        }

        return _sessions.StopAsync(cancellationToken);
    }

    private EndPoint Listen(string address, string protocol, bool isLmtp)
    {
        var endPoint = SinkOptions.ParseAddress(address) ?? throw new TransportException($"'{address}' is not an address and a port");
        var listening = _transport.Listen(endPoint, new ListenOptions { Descriptors = 1, TurnAway = Busy },
            _ => new SinkSession(_options, _mailbox, isLmtp, _sessions));
        _listening.Add(listening);
        LogListening(protocol, listening.Address);
        return listening.Address;
    }

    [LoggerMessage(EventId = 700, Level = LogLevel.Information, Message = "The sink accepts and discards mail: {Protocol} on {Address}")]
    private partial void LogListening(string protocol, EndPoint address);
}
