using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.Upstreams;

/// <summary>Asks one relay how it is, in SMTP and politely: greeting, EHLO and STARTTLS where they are asked for, and QUIT whatever came before,
/// so that its log has no lost connections.</summary>
internal sealed class SmtpProbe(RelayConnector connect, TimeProvider time)
{
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
            failure = plan.Address.EndPoint is null ? "its name does not resolve" : await TalkAsync(plan, seen, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            failure = $"no {seen.Awaited} in time";
        }
        catch (SocketException e)
        {
            isLocal = Shortages.Of(e.SocketErrorCode) != Shortage.None;
            failure = $"cannot be connected to: {e.Message}";
        }
        catch (AuthenticationException e)
        {
            failure = $"the TLS handshake failed: {e.Message}";
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            failure = $"no {seen.Awaited}: {e.Message}";
        }

        return new ProbeOutcome(time.GetUtcNow(), time.GetElapsedTime(began).TotalMilliseconds, failure, seen.Greeting, seen.Capabilities, seen.Tls, seen.Expires)
        {
            IsLocal = isLocal,
            HasOffered = seen.HasOffered,
        };
    }

    private async Task<string?> TalkAsync(ProbePlan plan, Seen seen, CancellationToken cancel)
    {
        seen.Awaited = "connection";
        var (stream, local) = await connect(plan.Address.EndPoint!, cancel).ConfigureAwait(false);
        var talk = new ProbeTalk(stream);
        await using (stream.ConfigureAwait(false))
        {
            try
            {
                await stream.WriteAsync(ProxyHeaderWriter.ForOwn(plan.Header, local, plan.Address.EndPoint!), cancel).ConfigureAwait(false);
                if (plan.IsImplicitTls)
                {
                    talk = await SecureAsync(stream, plan.Tls, seen, cancel).ConfigureAwait(false);
                }

                return await ConverseAsync(talk, plan, seen, cancel).ConfigureAwait(false);
            }
            finally
            {
                if (!seen.IsSpeechless)
                {
                    await PartAsync(seen.Talk ?? talk).ConfigureAwait(false);
                }
            }
        }
    }

    private static async Task<string?> ConverseAsync(ProbeTalk talk, ProbePlan plan, Seen seen, CancellationToken cancel)
    {
        seen.Talk = talk;
        seen.Awaited = "greeting";
        var greeting = await talk.ReplyAsync(cancel).ConfigureAwait(false);
        seen.Greeting = greeting[^1];
        if (!greeting[^1].StartsWith("220", StringComparison.Ordinal))
        {
            return $"it greets with {greeting[^1]}";
        }

        var refusal = plan.Depth == ProbeDepth.Greeting ? null : await EhloAsync(talk, plan.Name, seen, cancel).ConfigureAwait(false);
        if (refusal is not null || plan.Depth != ProbeDepth.StartTls || plan.IsImplicitTls)
        {
            return refusal;
        }

        if (!seen.Capabilities.Contains("STARTTLS"))
        {
            return "it does not offer STARTTLS";
        }

        seen.Awaited = "reply to STARTTLS";
        var ready = await talk.AskAsync("STARTTLS", cancel).ConfigureAwait(false);
        if (!ready[^1].StartsWith("220", StringComparison.Ordinal))
        {
            return $"it answers STARTTLS with {ready[^1]}";
        }

        if (talk.HasMore)
        {
            return "it sent octets behind its reply to STARTTLS, in the clear";
        }

        var inside = await SecureAsync(talk.Stream, plan.Tls, seen, cancel).ConfigureAwait(false);
        return await EhloAsync(inside, plan.Name, seen, cancel).ConfigureAwait(false);
    }

    private static async Task<string?> EhloAsync(ProbeTalk talk, string name, Seen seen, CancellationToken cancel)
    {
        seen.Awaited = "reply to EHLO";
        var reply = await talk.AskAsync($"EHLO {name}", cancel).ConfigureAwait(false);
        if (!reply[^1].StartsWith('2'))
        {
            return $"it answers EHLO with {reply[^1]}";
        }

        seen.HasOffered = true;
        seen.Capabilities = [.. reply.Skip(1).Select(static line => line.Length > 4 ? line[4..] : "").Where(static c => c.Length > 0)];
        return null;
    }

    private static async Task<ProbeTalk> SecureAsync(Stream stream, RelayTls security, Seen seen, CancellationToken cancel)
    {
        seen.Awaited = "end of the TLS handshake";
        var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        var handshake = security.Begin();
        try
        {
            await tls.AuthenticateAsClientAsync(handshake.Options, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // Whatever is said from here would be said in the clear, to who knows whom.
            seen.IsSpeechless = true;
            throw new AuthenticationException(TlsFailure.Of(e, handshake.Rejected).Words, e);
        }
        finally
        {
            seen.Expires = handshake.PeerExpires;
        }

        seen.Tls = tls.SslProtocol.ToString();
        return seen.Talk = new ProbeTalk(tls);
    }

    private async Task PartAsync(ProbeTalk talk)
    {
        using var patience = new CancellationTokenSource(Farewell, time);
        try
        {
            await talk.AskAsync("QUIT", patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidDataException or InvalidOperationException or ObjectDisposedException)
        {
            // It was said, which is all that manners ask.
        }
    }

    /// <summary>What has been learned so far, also by a probe that fails.</summary>
    private sealed class Seen
    {
        public string Awaited { get; set; } = "connection";

        public ProbeTalk? Talk { get; set; }

        public string? Greeting { get; set; }

        public IReadOnlyList<string> Capabilities { get; set; } = [];

        public bool HasOffered { get; set; }

        public string? Tls { get; set; }

        public DateTimeOffset? Expires { get; set; }

        public bool IsSpeechless { get; set; }
    }
}
