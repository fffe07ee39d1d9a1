using System.Text;
using SmtpProxy.Cli.Watching;

namespace SmtpProxy.Tests.Cli;

/// <summary>Server-sent events as they are written.</summary>
public sealed class EventReaderTests
{
    [Fact]
    public async Task Stream_WithComments_ManyLines_AndHalfAnEvent_IsRead()
    {
        var events = new List<ServerEvent>();
        using var stream =
            new MemoryStream(Encoding.UTF8.GetBytes(
                ": keep\n\nid: 7f3a-1\nevent: session\ndata: {\"a\":1}\n\nevent: end\ndata:one\ndata: two\n\nevent: half\ndata: x"));
        await foreach (var said in EventReader.ReadAsync(stream, CancellationToken.None))
        {
            events.Add(said);
        }

        Assert.Equal([new ServerEvent("session", "7f3a-1", "{\"a\":1}"), new ServerEvent("end", "7f3a-1", "one\ntwo")], events);
    }
}
