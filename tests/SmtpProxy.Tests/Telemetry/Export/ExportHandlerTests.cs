using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using SmtpProxy.Telemetry.Export;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Tests.Telemetry.Export;

public sealed class ExportHandlerTests : ILogger<ExportLog>, IDisposable
{
    private readonly ExportState _state;
    private string _told = "";

    public ExportHandlerTests() =>
        _state = new ExportState(ExportSignal.Metrics, new ExportCounts(), TimeProvider.System)
            { Endpoint = "c:1", Log = new ExportLog(this) };

    public void Dispose() => _state.Dispose();

    [Theory]
    [InlineData(401, "HTTP 401 Unauthorized")]
    [InlineData(599, "HTTP 599.")]
    public async Task Answer_OfAnHttpError_IsTheReason(int status, string why)
    {
        await SendAsync(() => new HttpResponseMessage((HttpStatusCode)status) { ReasonPhrase = "hush" });
        Assert.Contains("fails: " + why, _told, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", _told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("16", true, "gRPC status 16 UNAUTHENTICATED")]
    [InlineData("14", false, "gRPC status 14 UNAVAILABLE")]
    [InlineData("99", false, "gRPC status 99.")]
    public async Task Answer_OfAGrpcError_IsTheReason(string status, bool isTrailer, string why)
    {
        await SendAsync(() => Grpc(status, isTrailer, []));
        Assert.Contains("fails: " + why, _told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_OfAGrpcSuccess_IsWell()
    {
        await SendAsync(static () => Grpc("0", true, [0, 0, 0, 0, 0]));
        Assert.Equal("", _told);
    }

    [Fact]
    public async Task Success_ThatRefusesSome_IsAFailure()
    {
        // partial_success { rejected: 300, error_message: "no" }
        byte[] body = [0x0a, 0x07, 0x08, 0xac, 0x02, 0x12, 0x02, (byte)'n', (byte)'o'];
        await SendAsync(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) });
        Assert.Contains("fails: it refused 1 of 1 items", _told, StringComparison.Ordinal);
        Assert.Equal(300, PartialSuccess.Rejected(body, isGrpc: false));
        Assert.Equal(300, PartialSuccess.Rejected([0, 0, 0, 0, 9, .. body], isGrpc: true));
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x0a })]
    [InlineData(new byte[] { 0x0a, 0x05, 0x08 })]
    [InlineData(new byte[] { 0x0a, 0x02, 0x08, 0x80 })]
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 })]
    [InlineData(new byte[] { (byte)'{', (byte)'}' })]
    public void Rejected_OfWhatSaysNothing_IsNone(byte[] body)
    {
        Assert.Equal(0, PartialSuccess.Rejected(body, isGrpc: false));
        Assert.Equal(0, PartialSuccess.Rejected(body, isGrpc: true));
    }

    [Fact]
    public async Task NoConnection_IsTheReason()
    {
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            SendAsync(static () => throw new HttpRequestException("x", new IOException("Connection refused."))));
        Assert.Contains("fails: Connection refused. What", _told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoAnswer_IsTheReason()
    {
        using var client = Client(static () => null, TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync(new Uri("http://c:1/")));
        Assert.Contains("fails: no answer within 0.05 s", _told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task End_OfTheProcess_EndsARequestWithoutAnAnswer(bool isFailing)
    {
        if (isFailing)
        {
            _state.Failed(0, "");
        }

        using var client = Client(static () => null, Timeout.InfiniteTimeSpan);
        var sent = client.GetAsync(new Uri("http://c:1/"));
        _state.End();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);

        // And each that comes after it, at once.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync(new Uri("http://c:1/")));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _told += formatter(state, exception);

    private static HttpResponseMessage Grpc(string status, bool isTrailer, byte[] body)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        (isTrailer ? response.TrailingHeaders : response.Headers).Add("grpc-status", status);
        return response;
    }

    private HttpClient Client(Func<HttpResponseMessage?> answer, TimeSpan limit) =>
        ExportHandler.Watch(_state, new HttpClient(new Answers(answer)) { Timeout = limit });

    private async Task SendAsync(Func<HttpResponseMessage?> answer)
    {
        using var client = Client(answer, Timeout.InfiniteTimeSpan);
        using var response = await client.GetAsync(new Uri("http://c:1/"));
    }

    /// <summary>Answers, or never does.</summary>
    private sealed class Answers(Func<HttpResponseMessage?> answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (answer() is { } response)
            {
                return response;
            }

            return await new TaskCompletionSource<HttpResponseMessage>().Task.WaitAsync(cancellationToken);
        }
    }
}
