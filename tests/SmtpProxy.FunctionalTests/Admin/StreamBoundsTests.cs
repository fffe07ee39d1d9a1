using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Live;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>Nobody who reads streams, or does not, takes memory or places that others need.</summary>
public sealed class StreamBoundsTests
{
    private const string Path = "/api/v1/sessions/stream";
    private const int OctetsOfOne = 16_384;
    private const int Sessions = 4000;

    [Fact]
    public async Task Reader_ThatReadsNoMore_IsClosed_AndLeavesItsPlace_AndWhatWaitedForIt()
    {
        await using var rig = await AdminRig.StartAsync(("SmtpProxy:Live:MaxStreams", "1"));
        using var slow = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync(IPAddress.Loopback, rig.Http.BaseAddress!.Port);
        await slow.SendAsync(Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var buffer = new byte[65_536];
        for (var text = ""; !text.Contains("event: hello", StringComparison.Ordinal);)
        {
            text += Encoding.ASCII.GetString(buffer, 0, await slow.ReceiveAsync(buffer).WaitAsync(ProxyProcess.Patience));
        }

        // More than the buffers of both sockets hold. What went by is held by the store alone, which is bounded, or for the reader.
        for (var n = 0; n < Sessions; n++)
        {
            rig.Sightings.Add(Sighting);
        }

        // The place is free again without anything that the reader does: it was closed.
        await using (var next = await PlaceAsync(rig))
        {
            Assert.Equal("hello", (await next.NextAsync()).Name);
        }

        var got = 0L;
        try
        {
            while (await slow.ReceiveAsync(buffer).WaitAsync(ProxyProcess.Patience) is > 0 and var read)
            {
                got += read;
            }
        }
        catch (SocketException)
        {
            // Reset, as what it did not read was thrown away.
        }

        Assert.InRange(got, 0, Sessions * (long)OctetsOfOne / 4);
    }

    [Fact]
    public async Task Reader_OneTooMany_IsToldWhichSettingItIs()
    {
        await using var rig = await AdminRig.StartAsync(("SmtpProxy:Live:MaxStreams", "2"));
        await using var one = await SentEvents.OpenAsync(rig.Http, Path);
        await using (await SentEvents.OpenAsync(rig.Http, Path))
        {
            using var refused = await rig.AskAsync(Path);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"),
                (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
            Assert.Equal("10", refused.Headers.RetryAfter!.ToString());
            Assert.Contains("SmtpProxy:Live:MaxStreams", JsonElement.Parse(await refused.Content.ReadAsStringAsync()).GetProperty("detail")
                .GetString(), StringComparison.Ordinal);
        }

        await using var again = await PlaceAsync(rig);
        Assert.Equal("hello", (await again.NextAsync()).Name);
    }

    private static async Task<SentEvents> PlaceAsync(AdminRig rig)
    {
        SentEvents? events = null;
        await Eventually.Async(async () =>
        {
            if (await rig.TryStreamAsync(Path) is not { } opened)
            {
                return false;
            }

            events = opened;
            return true;
        }, "no place is free");
        return events!;
    }

    private static Sighting Sighting(long number)
    {
        var json = Encoding.ASCII.GetBytes($$"""{"session":"{{number:x24}}","x":"{{new string('x', OctetsOfOne)}}"}""");
        return new Sighting(new SightingFacts
            { Id = $"{number:x24}", Listener = "inbound", Cluster = "relays", Messages = new int[8], Tls = "none", Outcome = "quit" },
            number, 0, json, json.Length - 1);
    }
}
