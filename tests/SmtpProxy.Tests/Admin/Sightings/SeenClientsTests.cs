using System.Net;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Live;

namespace SmtpProxy.Tests.Admin.Sightings;

/// <summary>Pages that are open ask again and again, and whoever notes clients waits for whoever looks through them.</summary>
public sealed class SeenClientsTests
{
    private static readonly Dictionary<string, int> NoPorts = [];

    [Fact]
    public void All_OfMany_AreLookedThroughOnceForAllWhoAsk_UntilTwentyTimesWhatItTookIsOver()
    {
        var time = new SteppedTime();
        var clients = new SeenClients(time, TableOf(SeenClients.Few + 1));
        var first = clients.All(NoPorts);
        Assert.Equal(SeenClients.Few + 1, first.Count);
        Assert.Same(first, clients.All(NoPorts));
        time.Now += 20 * SteppedTime.Step;
        Assert.NotSame(first, clients.All(NoPorts));
    }

    [Fact]
    public void All_OfFew_AreWhatIsKnownNow()
    {
        var table = TableOf(2);
        var clients = new SeenClients(new SteppedTime(), table);
        Assert.Equal(2, clients.All(NoPorts).Count);
        table.See(IPAddress.Loopback, DateTimeOffset.UnixEpoch, static _ => { });
        Assert.Equal(3, clients.All(NoPorts).Count);
    }

    [Fact]
    public void All_WhereNoneAreRemembered_AreNone() =>
        Assert.Equal((false, 0, 0L), new SeenClients(new SteppedTime()) is var none ? (none.IsOn, none.Most, none.Forgotten) : default);

    private static ClientTable TableOf(int count)
    {
        var table = new ClientTable(new LiveOptions { MaxClients = 2 * SeenClients.Few });
        for (var n = 0; n < count; n++)
        {
            table.See(new IPAddress(0x0A000000L | n), DateTimeOffset.UnixEpoch, static _ => { });
        }

        return table;
    }

    /// <summary>Whoever looks at the clock finds it one step further on.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        public const long Step = 1000;

        public long Now { get; set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => Now += Step;
    }
}
