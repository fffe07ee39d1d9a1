using Microsoft.AspNetCore.Http.Features;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin.Requests;

/// <summary>How much a request may bring. Of a body that is too large nothing more is read into memory; Kestrel takes the rest off the wire
/// for some seconds, so that its sender gets to read the answer. What goes to applications behind a route is bounded there,
/// and by Kestrel (30 MB).</summary>
internal sealed class Bodies(RequestDelegate next)
{
    /// <summary>What would work.</summary>
    public const string Remedy = "A body may have at most 262144 octets (256 KiB).";

    private const long Most = 256 * 1024;
    private const long MostDiscarded = 16 * 1024 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        if (ForwardedRoute.Is(context.GetEndpoint()))
        {
            return next(context);
        }

        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MostDiscarded;
        if (context.Request.ContentLength > Most)
        {
            return HttpRefusals.AnswerAsync(context, StatusCodes.Status413PayloadTooLarge, null, Remedy);
        }

        if (context.Request.ContentLength is null)
        {
            context.Request.Body = new BoundedBody(context.Request.Body, Most);
        }

        return next(context);
    }

    /// <summary>A body of unknown length.</summary>
    private sealed class BoundedBody(Stream body, long most) : Stream
    {
        private long _left = most;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _left -= read;
            return _left >= 0 ? read : throw new BadHttpRequestException(Remedy, StatusCodes.Status413PayloadTooLarge);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
