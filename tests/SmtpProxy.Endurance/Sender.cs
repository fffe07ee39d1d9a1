using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.Endurance;

/// <summary>What a sender knows of a message.</summary>
internal enum Verdict
{
    /// <summary>It heard 250: the message is somebody else's now.</summary>
    Accepted,

    /// <summary>It heard a refusal, or never came to send it.</summary>
    Refused,

    /// <summary>It sent all of it and heard nothing: it may be there or not.</summary>
    Unknown,
}

/// <summary>A client as mail programs are.</summary>
internal static class Sender
{
    /// <summary>Sends messages in one session, which it ends.</summary>
    /// <param name="proxy">Where to.</param>
    /// <param name="mails">The messages.</param>
    /// <param name="isSecured">Speaks STARTTLS first.</param>
    /// <param name="isPipelined">Sends MAIL, RCPT and DATA at once.</param>
    /// <param name="heard">Called for each message with what became of it.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task SendAsync(
        IPEndPoint proxy, IReadOnlyList<Mail> mails, bool isSecured, bool isPipelined, Action<Mail, Verdict> heard, CancellationToken stop)
    {
        var next = 0;
        var isSent = false;
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(proxy, stop).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: false);
            var lines = new Lines(stream);
            if (await lines.ReplyAsync(stop).ConfigureAwait(false) != 220
                || await SayAsync("EHLO client.example.org").ConfigureAwait(false) != 250)
            {
                return;
            }

            if (isSecured)
            {
                if (await SayAsync("STARTTLS").ConfigureAwait(false) != 220)
                {
                    return;
                }

                var tls = new SslStream(stream);
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "mx.example.org",
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                }, stop).ConfigureAwait(false);
                (stream, lines) = (tls, new Lines(tls));
                if (await SayAsync("EHLO client.example.org").ConfigureAwait(false) != 250)
                {
                    return;
                }
            }

            await using var _ = stream.ConfigureAwait(false);
            while (next < mails.Count)
            {
                var mail = mails[next];
                isSent = false;
                var (code, mayGoOn) = await EnvelopeAsync(mail).ConfigureAwait(false);
                if (code == 354)
                {
                    isSent = true;
                    await stream.WriteAsync(mail.Body(out ulong _), stop).ConfigureAwait(false);
                    code = await lines.ReplyAsync(stop).ConfigureAwait(false);
                }

                if (code <= 0)
                {
                    return;
                }

                heard(mail, code == 250 ? Verdict.Accepted : Verdict.Refused);
                next++;
                isSent = false;
                if (!mayGoOn || code == 421)
                {
                    return;
                }
            }

            await SayAsync("QUIT").ConfigureAwait(false);

            async ValueTask<int> SayAsync(string command)
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(command + "\r\n"), stop).ConfigureAwait(false);
                return await lines.ReplyAsync(stop).ConfigureAwait(false);
            }

            // The code that the transaction came to (354: may send), and whether another one may follow.
            async ValueTask<(int Code, bool MayGoOn)> EnvelopeAsync(Mail mail)
            {
                string[] commands = [$"MAIL FROM:<{mail.From}>", $"RCPT TO:<to@example.net>", "DATA"];
                if (isPipelined && CountingRelay.Refusal(mail.Number) != 550)
                {
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", commands) + "\r\n"), stop).ConfigureAwait(false);
                    var codes = new int[3];
                    for (var n = 0; n < 3; n++)
                    {
                        codes[n] = await lines.ReplyAsync(stop).ConfigureAwait(false);
                    }

                    // A message without a recipient would be sent for nothing: such a session ends.
                    return codes is [250, 250, 354] ? (354, true) : (codes.First(static c => c is not (250 or 354)), false);
                }

                foreach (var command in commands)
                {
                    var code = await SayAsync(command).ConfigureAwait(false);
                    if (code is not (250 or 354))
                    {
                        return (code, code > 0 && code != 421 && await SayAsync("RSET").ConfigureAwait(false) == 250);
                    }
                }

                return (354, true);
            }
        }
        catch (Exception e) when (Lines.IsEnd(e))
        {
            // Whoever ended it: what is not known is reported so.
        }
        finally
        {
            for (; next < mails.Count; next++)
            {
                heard(mails[next], isSent ? Verdict.Unknown : Verdict.Refused);
                isSent = false;
            }
        }
    }
}
