using System.Diagnostics;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.Portable;

/// <summary>One attempt to connect to a relay.</summary>
/// <param name="target">Where to.</param>
/// <param name="asked">When it was asked for.</param>
/// <param name="pulse">Whether anything may have stood still.</param>
/// <param name="finished">Called, from any thread, when there is a result.</param>
internal sealed class DialAttempt(DialTarget target, long asked, Pulse pulse, Action finished)
{
    private readonly Lock _lock = new();
    private Socket? _socket;
    private long _began;
    private long _connected;
    private bool _givenUp;
    private bool _isReset;
    private DialResult? _result;

    /// <summary>Takes what came of it, and the connection when connected; false while it is under way.</summary>
    /// <param name="result">What came of it.</param>
    /// <param name="socket">The connection; null where there is none.</param>
    /// <param name="isReset">It was established, and is reset already.</param>
    public bool TryTake(out DialResult result, out Socket? socket, out bool isReset)
    {
        lock (_lock)
        {
            (result, socket, isReset) = (_result ?? default, _socket, _isReset);
            return _result is not null;
        }
    }

    /// <summary>A result with what was the proxy's own of the time that it took.</summary>
    /// <param name="result">The result.</param>
    /// <param name="now">When the pair takes it.</param>
    public DialResult Timed(in DialResult result, long now) => result with
    {
        Waited = Math.Max(0, _began - asked),
        Late = result.Outcome == DialOutcome.Connected ? Math.Clamp(now - _connected, 0, Math.Max(0, now - _began)) : 0,
        RelayWaited = !target.Preamble.IsEmpty,
    };

    public async Task RunAsync()
    {
        var result = await ConnectAsync().ConfigureAwait(false);
        lock (_lock)
        {
            if (result.Outcome != DialOutcome.Connected)
            {
                _socket?.Dispose();
                _socket = null;
            }

            _result = result;
        }

        finished();
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void GiveUp()
    {
        lock (_lock)
        {
            _givenUp = true;
            _socket?.Dispose();
        }
    }

    private async Task<DialResult> ConnectAsync()
    {
        using var patience = new CancellationTokenSource(target.Timeout);
        try
        {
            var socket = Open();
            if (target.From is { } from)
            {
                Sockets.BindForeign(socket, from);
            }

            _began = Stopwatch.GetTimestamp();
            await ConnectAsync(socket, patience.Token).ConfigureAwait(false);
            var now = Stopwatch.GetTimestamp();
            _connected = now - (pulse.MayBeLate(now) ? Sockets.Age(socket) : 0);
            return new DialResult(DialOutcome.Connected, Sockets.Local(socket), target.Address, null);
        }
        catch (OperationCanceledException)
        {
            return Failed(DialOutcome.TimedOut, $"no answer in {target.Timeout}");
        }
        catch (SocketException e)
        {
            return Failed(OutcomeOf(e.SocketErrorCode), e.Message) with { Shortage = Shortages.Of(e.SocketErrorCode) };
        }
        catch (Exception e)
        {
            // Given up, or an address that this system cannot connect to at all; either way somebody waits for a result.
            return Failed(DialOutcome.Failed, e.Message);
        }
    }

    private async Task ConnectAsync(Socket socket, CancellationToken cancel)
    {
        try
        {
            await socket.ConnectAsync(target.Address, cancel).ConfigureAwait(false);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // It was established before it broke, and what the relay said first may still be there.
            _isReset = true;
        }
    }

    private Socket Open()
    {
        var socket = Sockets.Create(target.Address);
        lock (_lock)
        {
            _socket = socket;
            if (_givenUp)
            {
                socket.Dispose();
            }
        }

        return socket;
    }

    private static DialResult Failed(DialOutcome outcome, string error) => new(outcome, null, null, error);

    private static DialOutcome OutcomeOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => DialOutcome.Refused,
        SocketError.TimedOut => DialOutcome.TimedOut,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown =>
            DialOutcome.Unreachable,
        _ when Shortages.Of(error) != Shortage.None => DialOutcome.NotDialled,
        _ => DialOutcome.Failed,
    };
}
