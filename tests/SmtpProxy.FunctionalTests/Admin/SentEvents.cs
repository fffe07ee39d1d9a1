using System.Net;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>Reads server-sent events.</summary>
internal sealed class SentEvents : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _lines;
    private string _id = "";

    private SentEvents(HttpResponseMessage answer, StreamReader lines) => (_answer, _lines) = (answer, lines);

    /// <summary>Opens a stream; goes on after an event, if one is given.</summary>
    public static async Task<SentEvents> OpenAsync(HttpClient http, string path, string? last = null) =>
        (await TryOpenAsync(http, path, last))!;

    /// <summary>Opens a stream; null: there is no place.</summary>
    public static async Task<SentEvents?> TryOpenAsync(HttpClient http, string path, string? last = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            answer.Dispose();
            return null;
        }

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new SentEvents(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next event; its id is the last that was said.</summary>
    public async Task<(string Name, string Data, string Id)> NextAsync()
    {
        var (name, data) = ("", "");
        while (await _lines.ReadLineAsync().WaitAsync(ProxyProcess.Patience) is { } line)
        {
            if (line.Length == 0 && name.Length > 0)
            {
                return (name, data, _id);
            }

            (name, data, _id) = line.Split(": ", 2) switch
            {
                ["event", var value] => (value, data, _id),
                ["data", var value] => (name, value, _id),
                ["id", var value] => (name, data, value),
                _ => (name, data, _id),
            };
        }

        throw new EndOfStreamException();
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        _answer.Dispose();
        return ValueTask.CompletedTask;
    }
}
