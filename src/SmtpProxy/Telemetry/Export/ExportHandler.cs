using System.Globalization;
using System.Net;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Telemetry.Export;

/// <summary>
/// Stands between the exporter of a signal and the client that it sends with, sees what becomes of each request, and ends those that
/// outlast the process. The exporter itself says of a failure that it was one, and not which.
/// </summary>
/// <param name="state">Who is told.</param>
/// <param name="client">Sends.</param>
/// <param name="limit">The exporter's limit of time, for the words about it.</param>
internal sealed class ExportHandler(ExportState state, HttpClient client, TimeSpan limit) : HttpMessageHandler
{
    /// <summary>More of an answer is not read: it says how many items were refused, and in a sentence why.</summary>
    private const int MostOctets = 64 * 1024;

    private static readonly string[] GrpcStatuses =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <summary>Puts a handler between an exporter and its client.</summary>
    public static HttpClient Watch(ExportState state, HttpClient client)
    {
        var watched = new HttpClient(new ExportHandler(state, client, client.Timeout))
        {
            Timeout = client.Timeout,
            MaxResponseContentBufferSize = client.MaxResponseContentBufferSize,
        };
        // The exporter's own limit stands, and is the only one.
        client.Timeout = Timeout.InfiniteTimeSpan;
        return watched;
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var items = Items();
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, state.Ended);
        try
        {
            var response = client.Send(Copy(request), HttpCompletionOption.ResponseHeadersRead, bounded.Token);
            response.Content.LoadIntoBufferAsync(MostOctets, bounded.Token).GetAwaiter().GetResult();
            return Judge(response, items);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            state.Failed(items, Why(e));
            throw;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var items = Items();
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, state.Ended);
        try
        {
            var response = await client.SendAsync(Copy(request), HttpCompletionOption.ResponseHeadersRead, bounded.Token)
                .ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MostOctets, bounded.Token).ConfigureAwait(false);
            return Judge(response, items);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            state.Failed(items, Why(e));
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            client.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>A client sends a request once; this one is sent by two.</summary>
    private static HttpRequestMessage Copy(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
            Content = request.Content,
        };
        foreach (var header in request.Headers)
        {
            copy.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        return copy;
    }

    /// <summary>Metrics are pushed all at once, and what one push loses the next one makes up for: a push is one item.</summary>
    private long Items() => state.Signal == ExportSignal.Metrics ? 1 : SdkCounters.TakeBatch();

    private HttpResponseMessage Judge(HttpResponseMessage response, long items)
    {
        var isGrpc = response.Content.Headers.ContentType?.MediaType
            ?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;
        if (!response.IsSuccessStatusCode)
        {
            state.Failed(items, string.Create(CultureInfo.InvariantCulture,
                $"HTTP {(int)response.StatusCode} {NameOf(response.StatusCode)}").TrimEnd());
        }
        else if (isGrpc && GrpcFailure(response) is { } status)
        {
            state.Failed(items, status);
        }
        else
        {
            var refused = Math.Min(items,
                PartialSuccess.Rejected(response.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult(), isGrpc));
            if (refused > 0)
            {
                state.Failed(refused, string.Create(CultureInfo.InvariantCulture, $"it refused {refused} of {items} items"));
            }

            if (refused < items || items == 0)
            {
                state.Sent(items - refused);
            }
        }

        return response;
    }

    /// <summary>The standard name; a server can send a text of its own, which is not repeated.</summary>
    private static string NameOf(HttpStatusCode code) => Enum.IsDefined(code) ? code.ToString() : "";

    private static string? GrpcFailure(HttpResponseMessage response)
    {
        var given = response.TrailingHeaders.TryGetValues("grpc-status", out var values)
            || response.Headers.TryGetValues("grpc-status", out values)
            ? values.First() : null;
        return !int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? "an answer without a gRPC status"
            : status == 0 ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"gRPC status {status} {(status < GrpcStatuses.Length ? GrpcStatuses[status] : "")}").TrimEnd();
    }

    private string Why(Exception e) => e switch
    {
        OperationCanceledException when state.Ended.IsCancellationRequested => "the proxy stopped, and it did not answer in time",
        OperationCanceledException => string.Create(CultureInfo.InvariantCulture, $"no answer within {limit.TotalSeconds:0.###} s"),
        _ => e.GetBaseException().Message.TrimEnd('.'),
    };
}
