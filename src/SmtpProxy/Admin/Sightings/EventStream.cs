using System.Globalization;
using System.Text;

namespace SmtpProxy.Admin.Sightings;

/// <summary>Writes server-sent events (WHATWG HTML 9.2) to one reader.</summary>
internal sealed class EventStream
{
    /// <summary>How long a reader may take nothing of an event.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpContext _context;

    private EventStream(HttpContext context, CancellationToken over) => (_context, Over) = (context, over);

    /// <summary>The reader is gone, or the process stops.</summary>
    public CancellationToken Over { get; }

    /// <summary>Runs a stream until it is over; a reader that goes, or is too slow, is no error.</summary>
    public static async Task RunAsync(HttpContext context, Func<EventStream, Task> write)
    {
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await write(new EventStream(context, over.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or TimeoutException)
        {
            // It is the last thing on this connection, which a reader that comes again does not need.
            context.Abort();
        }
    }

    /// <summary>Sends an event of one line of data.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">JSON without line ends.</param>
    /// <param name="id">What the reader says when it comes again; null: as before.</param>
    public Task SendAsync(string name, string data, string? id = null)
    {
        var text = new StringBuilder();
        if (id is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"id: {id}\n");
        }

        return WriteAsync(text.Append(CultureInfo.InvariantCulture, $"event: {name}\ndata: {data}\n\n").ToString());
    }

    /// <summary>Sends nothing, so that whoever stands between sees that the stream goes on.</summary>
    public Task KeepAliveAsync() => WriteAsync(":\n\n");

    private async Task WriteAsync(string text)
    {
        // Both wait for the reader once it is too far behind.
        await _context.Response.WriteAsync(text, Over).WaitAsync(Patience, Over).ConfigureAwait(false);
        await _context.Response.Body.FlushAsync(Over).WaitAsync(Patience, Over).ConfigureAwait(false);
    }
}
