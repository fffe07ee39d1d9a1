using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Preamble;

namespace SmtpProxy.Upstreams.Probing;

/// <summary>Asks one relay how it is, in SMTP and politely: what <see cref="RelayPreamble"/> says, and QUIT whatever came before, so that
/// its log has no lost connections.</summary>
internal sealed class SmtpProbe(RelayConnector connect, TimeProvider time)
{
    private const int BufferSize = 4096;
    private const string HandshakeFailed = "the TLS handshake failed";

    /// <summary>How long a relay may take to say goodbye: it has answered all that matters.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    /// <summary>Runs a probe; whatever goes wrong is an outcome.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="cancel">The time is up.</param>
    public async Task<ProbeOutcome> RunAsync(ProbePlan plan, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        var seen = new Seen();
        var isLocal = false;
        string? failure;
        try
        {
            failure = plan.Address.EndPoint is null
                ? "its name does not resolve" : await TalkAsync(plan, seen, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            failure = seen.Preamble?.TimedOut().Why
                ?? (seen.Wire is null ? "no connection in time" : "the TLS handshake with the relay did not end in time");
        }
        catch (SocketException e)
        {
            isLocal = Shortages.Of(e.SocketErrorCode) != Shortage.None;
            failure = $"cannot be connected to: {e.Message}";
        }
        catch (AuthenticationException e)
        {
            failure = $"{HandshakeFailed}: {e.Message}";
        }
        catch (IOException e)
        {
            failure = $"{(seen.Preamble is { } preamble ? FailureIn(preamble.Ended()) : "the connection to the relay broke")}: {e.Message}";
        }

        return new ProbeOutcome(
            time.GetUtcNow(), time.GetElapsedTime(began).TotalMilliseconds, failure, seen.Greeting,
            seen.Offer is { } offer ? EhloOffer.Read(offer) : [], seen.Tls, seen.Expires)
        {
            IsLocal = isLocal,
            HasConnected = seen.Wire is not null,
            HasOffered = seen.Offer is not null,
        };
    }

    private async Task<string?> TalkAsync(ProbePlan plan, Seen seen, CancellationToken cancel)
    {
        var (stream, local) = await connect(plan.Address.EndPoint!, cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            seen.Wire = stream;
            try
            {
                await stream.WriteAsync(ProxyHeaderWriter.ForOwn(plan.Header, local, plan.Address.EndPoint!), cancel).ConfigureAwait(false);
                if (plan.IsImplicitTls)
                {
                    await SecureAsync(plan.Tls, seen, cancel).ConfigureAwait(false);
                }

                return await ConverseAsync(new RelayPreamble(plan.Preamble), plan.Tls, seen, cancel).ConfigureAwait(false);
            }
            finally
            {
                if (!seen.IsSpeechless)
                {
                    await PartAsync(seen.Wire).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Does what the table says until it is over.</summary>
    /// <returns>Why the relay is not well; null: it is.</returns>
    private static async Task<string?> ConverseAsync(RelayPreamble preamble, RelayTls security, Seen seen, CancellationToken cancel)
    {
        seen.Preamble = preamble;
        var buffer = new byte[BufferSize];
        while (true)
        {
            var read = await seen.Wire!.ReadAsync(buffer, cancel).ConfigureAwait(false);
            var move = read == 0 ? preamble.Ended() : preamble.Heard(buffer.AsSpan(0, read));
            seen.Note();
            if (move.Kind == MoveKind.Shake)
            {
                await SecureAsync(security, seen, cancel).ConfigureAwait(false);
                move = preamble.Secured(true);
            }

            switch (move.Kind)
            {
                case MoveKind.Wait:
                    break;
                case MoveKind.Say:
                    await seen.Wire.WriteAsync(move.Octets, cancel).ConfigureAwait(false);
                    break;
                default:
                    return FailureIn(move);
            }
        }
    }

    private static string? FailureIn(in PreambleMove last)
    {
        var (line, code) = (EhloOffer.LastLine(last.Octets), CodeOf(last.Octets));
        return last.Kind switch
        {
            MoveKind.GoOn => null,
            // The text has the code already.
            MoveKind.Fail => last.Why + (line.Length > 3 ? line[3..] : ""),
            _ when line.Length == 0 => "the relay closed the connection before its greeting",
            MoveKind.HandOver when code is null => "the relay's greeting is no SMTP reply",
            MoveKind.HandOver when code == 220 => null,
            _ => $"the relay greets with {line}",
        };
    }

    /// <summary>The code of the first line that does not only inform; null: it is no line of a reply.</summary>
    private static int? CodeOf(ReadOnlySpan<byte> octets)
    {
        while (ReplyCollector.BeginsInformation(octets) && octets.IndexOf((byte)'\n') is var next and >= 0)
        {
            octets = octets[(next + 1)..];
        }

        var end = octets.IndexOfAny((byte)'\r', (byte)'\n');
        return ReplyLine.TryParse(end < 0 ? octets : octets[..end], out var reply) ? reply.Code : null;
    }

    private static async Task SecureAsync(RelayTls security, Seen seen, CancellationToken cancel)
    {
        var tls = new SslStream(seen.Wire!, leaveInnerStreamOpen: true);
        var handshake = security.Begin();
        try
        {
            await tls.AuthenticateAsClientAsync(handshake.Options, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // From here on everything would go in the clear, to a peer that is not known.
            seen.IsSpeechless = true;
            throw new AuthenticationException(TlsFailure.Of(e, handshake.Rejected).Words, e);
        }
        finally
        {
            seen.Expires = handshake.PeerExpires;
        }

        (seen.Wire, seen.Tls) = (tls, tls.SslProtocol.ToString());
    }

    private async Task PartAsync(Stream wire)
    {
        using var patience = new CancellationTokenSource(Farewell, time);
        try
        {
            await wire.WriteAsync("QUIT\r\n"u8.ToArray(), patience.Token).ConfigureAwait(false);
            var (reply, buffer, read) = (new ReplyCollector(), new byte[BufferSize], 1);
            while (reply is { Code: null, IsHopeless: false } && read > 0)
            {
                read = await wire.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
                reply.Take(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // QUIT was sent; nothing depends on its reply.
        }
    }

    /// <summary>What has been learned so far, also by a probe that fails.</summary>
    private sealed class Seen
    {
        /// <summary>What is spoken through: the connection, or TLS on it.</summary>
        public Stream? Wire { get; set; }

        public RelayPreamble? Preamble { get; set; }

        public string? Greeting { get; private set; }

        public byte[]? Offer { get; private set; }

        public string? Tls { get; set; }

        public DateTimeOffset? Expires { get; set; }

        public bool IsSpeechless { get; set; }

        /// <summary>Takes over what the relay has said by now.</summary>
        public void Note()
        {
            Greeting ??= Preamble!.Greeting is { Length: > 0 } greeting ? EhloOffer.LastLine(greeting) : null;
            Offer = Preamble!.Identified ?? Offer;
        }
    }
}
