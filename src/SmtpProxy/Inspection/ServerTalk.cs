using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Tls;

namespace SmtpProxy.Inspection;

/// <summary>One connection to a server, spoken through by somebody who looks closely: every reply is kept as it came.</summary>
/// <param name="stream">The connection, which disposing closes.</param>
/// <param name="local">Our end of it.</param>
/// <param name="patience">How long one reply may take.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerTalk(Stream stream, EndPoint local, TimeSpan patience, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Replies in one conversation: twice what any of ours asks for. A server that says more may never end.</summary>
    private const int MostReplies = 64;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly List<HeardReply> _heard = [];
    private Stream _wire = stream;
    private int _start, _end;
    private bool _saidHello;

    /// <summary>Our end of the connection.</summary>
    public EndPoint Local => local;

    /// <summary>All replies so far.</summary>
    public IReadOnlyList<HeardReply> Heard => _heard;

    /// <summary>Octets have come that nobody has waited for yet.</summary>
    public bool HasMore => _end > _start;

    /// <summary>Waits for a reply.</summary>
    /// <exception cref="TalkBrokenException">None comes.</exception>
    public Task<HeardReply> HearAsync(CancellationToken cancel) => HearAsync(patience, cancel);

    /// <summary>Waits for a reply for this long.</summary>
    /// <exception cref="TalkBrokenException">None comes.</exception>
    public async Task<HeardReply> HearAsync(TimeSpan atMost, CancellationToken cancel)
    {
        var collector = new ReplyCollector();
        using var limit = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        while (true)
        {
            _start += collector.Take(_buffer.AsSpan(_start, _end - _start));
            if (collector.Code is { } code)
            {
                var reply = new HeardReply(code, collector.Answer) { IsExempt = _heard.Count == 0 || _saidHello };
                _saidHello = false;
                _heard.Add(reply);
                return _heard.Count <= MostReplies ? reply
                    : throw new TalkBrokenException(TalkBreak.NotSmtp, reply.Octets, "it says more than it was asked");
            }

            if (collector.IsHopeless)
            {
                throw new TalkBrokenException(TalkBreak.NotSmtp, collector.Octets, "what it said is no reply of SMTP");
            }

            await FillAsync(collector, either.Token, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Says a line and waits for the reply to it.</summary>
    public async Task<HeardReply> AskAsync(string line, CancellationToken cancel)
    {
        await SendAsync(Encoding.UTF8.GetBytes(line + "\r\n"), cancel).ConfigureAwait(false);
        _saidHello = line.StartsWith("EHLO ", StringComparison.Ordinal) || line.StartsWith("LHLO ", StringComparison.Ordinal);
        return await HearAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Sends octets as they are, in one write.</summary>
    /// <exception cref="TalkBrokenException">The server does not take them.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await _wire.WriteAsync(octets, either.Token).ConfigureAwait(false);
            await _wire.FlushAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TalkBrokenException(TalkBreak.Silent, [], "it takes nothing any more", e);
        }
        catch (IOException e)
        {
            throw new TalkBrokenException(TalkBreak.Closed, [], $"the connection broke: {Cause(e)}", e);
        }
    }

    /// <summary>Shakes hands for TLS. A certificate that is not believed is told, and does not end the handshake.</summary>
    /// <exception cref="AuthenticationException">It came to nothing; the message is for people.</exception>
    public async Task<SecurityFacts> SecureAsync(RelayTls security, CancellationToken cancel)
    {
        if (HasMore)
        {
            throw new AuthenticationException("the server sent octets in the clear after its 220");
        }

        var handshake = security.Begin();
        var facts = new SecurityFacts();
        var judge = handshake.Options.RemoteCertificateValidationCallback!;
        handshake.Options.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
        {
            judge(sender, certificate, chain, errors);
            return facts.Take(certificate, chain, handshake.Rejected);
        };
        var tls = new SslStream(_wire, leaveInnerStreamOpen: false);
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await tls.AuthenticateAsClientAsync(handshake.Options, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AuthenticationException or IOException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            var failure = TlsFailure.Of(e, null);
            throw new SecurityFailedException(failure.Type, failure.Words, e);
        }

        _wire = tls;
        facts.Take(tls);
        return facts;
    }

    /// <summary>Says goodbye and waits for the answer; whatever becomes of it.</summary>
    public async Task PartAsync(CancellationToken cancel)
    {
        try
        {
            await SendAsync("QUIT\r\n"u8.ToArray(), cancel).ConfigureAwait(false);
            await HearAsync(TimeSpan.FromSeconds(2), cancel).ConfigureAwait(false);
        }
        catch (TalkBrokenException)
        {
            // QUIT was said; nothing depends on its reply.
        }
    }

    /// <summary>Whether the server closes the connection within this time. What it says before is not looked at.</summary>
    public async Task<bool> ClosesAsync(TimeSpan within, CancellationToken cancel)
    {
        try
        {
            var began = time.GetTimestamp();
            // Whatever it says meanwhile does not give it more time.
            while (within - time.GetElapsedTime(began) is { Ticks: > 0 } left)
            {
                await HearAsync(left, cancel).ConfigureAwait(false);
            }

            return false;
        }
        catch (TalkBrokenException e)
        {
            return e.How == TalkBreak.Closed;
        }
    }

    public ValueTask DisposeAsync() => _wire.DisposeAsync();

    private static string Cause(IOException e) => (e.InnerException as SocketException)?.Message ?? e.Message;

    private async Task FillAsync(ReplyCollector collector, CancellationToken either, CancellationToken cancel)
    {
        try
        {
            (_start, _end) = (0, await _wire.ReadAsync(_buffer, either).ConfigureAwait(false));
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            (_start, _end) = (0, 0);
            throw new TalkBrokenException(TalkBreak.Silent, collector.Octets, "no answer in time", e);
        }
        catch (IOException e)
        {
            (_start, _end) = (0, 0);
            throw new TalkBrokenException(TalkBreak.Closed, collector.Octets, $"the connection broke: {Cause(e)}", e);
        }

        if (_end == 0)
        {
            throw new TalkBrokenException(TalkBreak.Closed, collector.Octets, "it closed the connection");
        }
    }
}
