using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Unicode;

namespace SmtpProxy.Admin.Fleet;

/// <summary>Reads from the admin sides of other members. Nothing that one of them answers leads anywhere else: no redirect is followed, no
/// cookie kept, nothing is unpacked, and of a body only so much is read. Thread-safe.</summary>
internal sealed class PeerClient : IDisposable
{
    /// <summary>Octets of one answer.</summary>
    public const int MostOfOne = 2 * 1024 * 1024;

    /// <summary>Levels of an answer: what this proxy answers with it has some more, and may have 64.</summary>
    private const int Deepest = 32;

    private const int ConnectionsOfOne = 8;
    private readonly HttpClient _answers, _streams;

    public PeerClient(FleetReading reading) =>
        // A stream has its connection for as long as somebody looks: of those there are as many as the members give.
        (_answers, _streams) = (Client(reading, ConnectionsOfOne), Client(reading, int.MaxValue));

    /// <summary>Reads one answer of JSON.</summary>
    /// <param name="peer">The member; its address is known.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="budget">What of all answers together may still be read.</param>
    /// <param name="stop">Nobody waits any more.</param>
    public async Task<PeerAnswer> GetAsync(FleetPeer peer, string path, AnswerBudget budget, CancellationToken stop)
    {
        try
        {
            using var response = await _answers.GetAsync(new Uri(peer.Admin!, path), HttpCompletionOption.ResponseHeadersRead, stop)
                .ConfigureAwait(false);
            var status = (int)response.StatusCode;
            if (await ReadAsync(response, budget, stop).ConfigureAwait(false) is not { } octets)
            {
                return PeerAnswer.None(peer, "too_large",
                    $"Its answer has more than {MostOfOne} octets, or all answers together too many.");
            }

            if (status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests)
            {
                return PeerAnswer.None(peer, "refused", $"It answered {status}: its SmtpProxy:Fleet:TokenFile holds another token.",
                    status);
            }

            var body = Parse(octets.Span);
            return status == StatusCodes.Status200OK ? new PeerAnswer(peer, status, body, null)
                : PeerAnswer.None(peer, "refused", $"It answered {status}.", status);
        }
        catch (HttpRequestException e)
        {
            return PeerAnswer.None(peer, "unreachable", Why(e));
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidOperationException)
        {
            return PeerAnswer.None(peer, "unreadable", "Its answer is no JSON, or broke off.");
        }
    }

    /// <summary>Opens a stream of events.</summary>
    /// <param name="peer">The member.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="after">The id of the last event that is known; null: from now.</param>
    /// <param name="stop">Nobody waits any more.</param>
    public async Task<HttpResponseMessage> OpenAsync(FleetPeer peer, string path, string? after, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(peer.Admin!, path));
        if (after is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", after);
        }

        return await _streams.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _answers.Dispose();
        _streams.Dispose();
    }

    /// <summary>Reads JSON that can be written again: every text in it is one (RFC 8259 8.2 allows others), and it is not
    /// too deep.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> octets)
    {
        try
        {
            var body = Utf8.IsValid(octets) ? JsonElement.Parse(octets, new JsonDocumentOptions { MaxDepth = Deepest })
                : throw new JsonException();
            using var writer = new Utf8JsonWriter(Stream.Null);
            body.WriteTo(writer);
            return body;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>Why a member cannot be reached.</summary>
    public static string Why(HttpRequestException e) => e.HttpRequestError == HttpRequestError.SecureConnectionError
        ? "TLS with it fails: its certificate must name the host of its SmtpProxy:Fleet:AdminUrl, and come from whom this proxy's "
            + "SmtpProxy:Fleet:AdminCa trusts."
        : $"It cannot be reached: {e.HttpRequestError}.";

    private static HttpClient Client(FleetReading reading, int connections)
    {
#pragma warning disable CA2000 // The client disposes of it.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = reading.Timeout,
            MaxConnectionsPerServer = connections,
            MaxResponseHeadersLength = 16,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
#pragma warning restore CA2000
        if (reading.Trusted is { } trusted)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                    { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        return new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue(FleetReading.Scheme, reading.Token) },
        };
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpResponseMessage response, AnswerBudget budget, CancellationToken stop)
    {
        using var all = new MemoryStream();
        var stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var part = new byte[16 * 1024];
            while (await stream.ReadAsync(part, stop).ConfigureAwait(false) is > 0 and var read)
            {
                if (all.Length + read > MostOfOne || !budget.TryTake(read))
                {
                    return null;
                }

                all.Write(part, 0, read);
            }
        }

        return all.GetBuffer().AsMemory(0, (int)all.Length);
    }
}

/// <summary>What the answers to one request may have together, so that many members that send much fill no memory. Thread-safe.</summary>
internal sealed class AnswerBudget
{
    private int _left = 16 * 1024 * 1024;

    /// <summary>Takes so many octets; false: there are not so many left.</summary>
    public bool TryTake(int octets) => Interlocked.Add(ref _left, -octets) >= 0;
}
