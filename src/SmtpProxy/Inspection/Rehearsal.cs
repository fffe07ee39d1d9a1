using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmtpProxy.Upstreams.Probing;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Inspection;

/// <summary>
/// Goes through a walk once inside the process before one is measured: the first of everything is slow in a runtime that compiles as it
/// goes, by hundreds of milliseconds, and the server would be blamed for it.
/// </summary>
internal static class Rehearsal
{
    /// <summary>Does it. Nothing leaves this machine.</summary>
    /// <param name="plan">The walk to come.</param>
    /// <param name="connect">Connects; asked for a port of this machine where nothing listens.</param>
    /// <param name="lookup">Asks for addresses.</param>
    /// <param name="cancel">Nobody wants to know any more.</param>
    public static async Task RunAsync(WalkPlan plan, RelayConnector connect, NameLookup lookup, CancellationToken cancel)
    {
        try
        {
            _ = plan.Address.EndPoint is null ? await lookup("localhost", cancel).ConfigureAwait(false) : [];
            var (stream, _) = await connect(new IPEndPoint(IPAddress.Loopback, 1), cancel).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // That it is refused is what the walk may meet, too.
        }

        var (ours, theirs) = TwoWayStream.Pair();
        using var certificate = plan.StartTls == TlsWish.Never && !plan.Address.IsImplicitTls ? null : Certificate();
        var serving = ServeAsync(theirs, certificate, plan.Address.IsImplicitTls);
        var here = plan with { Address = plan.Address.At(IPAddress.Loopback), Header = default, StartTls = certificate is null
            ? TlsWish.Never : TlsWish.Offered };
        var walk = new Walk((_, _) => Task.FromResult(((Stream)ours, (EndPoint)new IPEndPoint(IPAddress.Loopback, 1))), lookup,
            TimeProvider.System);
        await walk.RunAsync(here, cancel).ConfigureAwait(false);
        await ours.DisposeAsync().ConfigureAwait(false);
        await serving.ConfigureAwait(false);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static async Task ServeAsync(Stream wire, X509Certificate2? certificate, bool isImplicit)
    {
        try
        {
            wire = isImplicit ? await SecureAsync(wire, certificate!).ConfigureAwait(false) : wire;
            await SayAsync(wire, "220 here ready").ConfigureAwait(false);
            var line = new StringBuilder();
            var octet = new byte[1];
            while (await wire.ReadAsync(octet).ConfigureAwait(false) > 0)
            {
                line.Append((char)octet[0]);
                if (octet[0] != '\n')
                {
                    continue;
                }

                var verb = line.ToString().Split(' ')[0].TrimEnd();
                line.Clear();
                await SayAsync(wire, verb switch
                {
                    "EHLO" or "LHLO" => wire is SslStream || certificate is null ? "250-here\r\n250 SIZE 1" : "250-here\r\n250 STARTTLS",
                    "STARTTLS" => "220 2.0.0 go",
                    "DATA" => "354 go",
                    "QUIT" => "221 2.0.0 bye",
                    _ => "250 2.0.0 ok",
                }).ConfigureAwait(false);
                wire = verb == "STARTTLS" ? await SecureAsync(wire, certificate!).ConfigureAwait(false) : wire;
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or InvalidOperationException)
        {
            // The walk is over.
        }
        finally
        {
            await wire.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task SayAsync(Stream wire, string line)
    {
        await wire.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n")).ConfigureAwait(false);
        await wire.FlushAsync().ConfigureAwait(false);
    }

    private static async Task<Stream> SecureAsync(Stream wire, X509Certificate2 certificate)
    {
        var tls = new SslStream(wire);
        await tls.AuthenticateAsServerAsync(certificate).ConfigureAwait(false);
        return tls;
    }
}
