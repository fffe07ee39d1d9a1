using System.Net;
using SmtpProxy.Live;
using Xunit.Abstractions;

namespace SmtpProxy.Tests.Live;

public sealed class ClientTableTests(ITestOutputHelper output)
{
    /// <summary>As many as may be, each with what a client of a submission service uses. They are kept in what the settings reckon with
    /// (one client for each 8 KiB of memory).</summary>
    [Fact]
    public void Clients_AsManyAsMayBe_TakeAFewHundredOctetsEach()
    {
        const int Most = 100_000;
        const int OctetsEach = 700;
        var table = new ClientTable(new LiveOptions { MaxClients = Most });
        var addresses = Enumerable.Range(0, Most).Select(static n => new IPAddress(0x0A000000L | n)).ToArray();
        var names = Enumerable.Range(0, Most).Select(static n => FormattableString.Invariant($"host-{n}.customers.example.net")).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < Most; n++)
        {
            var name = names[n];
            table.See(addresses[n], DateTimeOffset.UnixEpoch, client =>
            {
                client.Helo = name;
                ClientEntry.Note(client.Listeners, "submission");
                ClientEntry.Note(client.Versions, "1.3");
                ClientEntry.Note(client.Mechanisms, "PLAIN");
            });
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Most;
        var (timer, ports) = (System.Diagnostics.Stopwatch.StartNew(), new Dictionary<string, int> { ["submission"] = 587 });
        before = GC.GetAllocatedBytesForCurrentThread();
        var views = table.Select(c => SmtpProxy.Admin.Sightings.SeenClient.Of(c, ports));
        output.WriteLine($"{each} octets each; {timer.ElapsedMilliseconds} ms and " +
            $"{(GC.GetAllocatedBytesForCurrentThread() - before) / Most} octets each to look through all");
        Assert.Equal(Most, views.Count);
        Assert.InRange(each, 1, OctetsEach);
    }

    [Fact]
    public void Clients_MoreThanMayBeRemembered_AreForgottenByWhenTheyWereSeenLast()
    {
        var table = new ClientTable(new LiveOptions { MaxClients = 3 });
        foreach (var last in (int[])[1, 2, 3, 1, 4])
        {
            table.See(IPAddress.Parse($"192.0.2.{last}"), DateTimeOffset.UnixEpoch, static c => c.Sessions++);
        }

        Assert.Equal(["192.0.2.4 1", "192.0.2.1 2", "192.0.2.3 1"], table.Select(static c => $"{c.Address} {c.Sessions}"));
        Assert.Equal(1, table.Forgotten);
    }

    [Fact]
    public void Client_AfterASession_IsKnownByWhatItUsed_AndByNoName()
    {
        using var live = new LiveTalk();
        live.Talk.Greet().Ask("AUTH PLAIN AGFubmEAc2VjcmV0", "235 2.7.0 Ok").Deliver().Ask("RCPT TO:<x@example.net>", "503 5.5.1 no")
            .Ask("QUIT", "221 Bye").Over();
        live.Kept();
        var seen = Assert.Single(live.Clients.Select(static c =>
            (c.Address, c.Helo, c.Sessions, c.Messages, c.Refused, c.TlsOffered, c.TlsUsed, c.ClearSessions,
                Auth: string.Join(',', c.Mechanisms), c.AuthInClear)));
        Assert.Equal((IPAddress.Parse("192.0.2.7"), "client.example.org", 1, 1, 1, false, false, 1, "PLAIN", 1), seen);
    }

    [Theory]
    [InlineData("EHLO <script>", null)]
    [InlineData("EHLO =cmd|x", null)]
    [InlineData("EHLO [192.0.2.7]", "[192.0.2.7]")]
    [InlineData("EHLO", null)]
    public void Helo_ThatNoHostIsCalled_IsNotKept(string line, string? kept)
    {
        using var live = new LiveTalk();
        live.Talk.Connect().Relay("220 mx").Ask(line, "250 mx").Over();
        live.Kept();
        Assert.Equal(kept, Assert.Single(live.Clients.Select(static c => c.Helo)));
    }
}
