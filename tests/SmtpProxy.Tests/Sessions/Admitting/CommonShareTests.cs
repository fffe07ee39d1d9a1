using System.Diagnostics;
using System.Net;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Admitting;

/// <summary>Where the other proxies are not heard, a proxy keeps to its share of the limits; where they are, they decide.</summary>
public sealed class CommonShareTests
{
    private readonly FakeOthers _others = new();

    [Theory]
    [InlineData(7, 3, 2)]
    [InlineData(2, 3, 1)]
    [InlineData(0, 3, 0)]
    [InlineData(7, 1, 7)]
    public void Of_OthersNotHeard_IsTheShareAndAtLeastOne(int limit, int members, int share)
    {
        _others.Members = members;
        Assert.Equal(share, CommonShare.Of(limit, _others));
        Assert.Equal(limit, CommonShare.Of(limit, null));
        _others.AreHeard = true;
        Assert.Equal(limit, CommonShare.Of(limit, _others));
    }

    [Fact]
    public async Task Admission_OfAClient_KeepsToTheShareAndTellsTheOthersWhenItLeaves()
    {
        var admission = new Admission { Common = _others };
        var limits = new SessionLimits { MaxSessionsPerClient = 7 };
        Assert.Null(Enter(admission, limits, out var first));
        Assert.Null(Enter(admission, limits, out _));
        Assert.Same(Refusal.SessionsPerClient, Enter(admission, limits, out _));
        Assert.False(admission.TryAsk(first!, out _));

        _others.AreHeard = true;
        Assert.Null(Enter(admission, limits, out var third));
        foreach (var (verdict, refusal) in new[] { (CommonVerdict.Admitted, null), (CommonVerdict.Rate, Refusal.ConnectionRate),
            (CommonVerdict.Sessions, Refusal.SessionsPerClient), (CommonVerdict.Unknown, Refusal.SessionsPerClient) })
        {
            _others.Verdict = verdict;
            Assert.True(admission.TryAsk(third!, out var asking));
            Assert.Same(refusal, admission.Judge(third!, await asking));
        }

        Assert.Equal([3, 3, 3, 3], _others.Asked);
        Assert.Equal(3, Assert.Single(_others.Here!).Value);
        _others.Gone.Clear();
        third!.Leave();
        Assert.Equal([2], _others.Gone);
    }

    /// <summary>Of two loops that count at once, the one that counted first must not be the last to say how many there are: the others
    /// would let in one more than there may be.</summary>
    [Fact]
    public void TryAsk_OnManyThreads_SaysLastWhatIsSoLast()
    {
        const int Threads = 4, Each = 500;
        _others.AreHeard = true;
        var admission = new Admission { Common = _others };
        var limits = new SessionLimits { MaxSessionsPerClient = 10_000, ConnectionsPerMinutePerClient = 0 };
        using var all = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            all.SignalAndWait();
            for (var n = 0; n < Each; n++)
            {
                Enter(admission, limits, out var place);
                admission.TryAsk(place!, out var _);
            }
        })).ToList();
        threads.ForEach(static t => t.Start());
        threads.ForEach(static t => t.Join());
        Assert.Equal(_others.Asked.Order(), _others.Asked);
        Assert.Equal((Threads * Each, Threads * Each), (_others.Asked.Count, _others.Asked[^1]));
    }

    /// <summary>Nobody is asked about what no limit counts.</summary>
    [Theory]
    [InlineData(0, 0, "", false)]
    [InlineData(1, 0, "", true)]
    [InlineData(0, 1, "", true)]
    [InlineData(1, 1, "192.0.2.0/24", false)]
    public void TryAsk_WithoutALimitForTheClient_AsksNobody(int sessions, int rate, string exempt, bool asks)
    {
        _others.AreHeard = true;
        var admission = new Admission { Common = _others };
        var limits = new SessionLimits
            { MaxSessionsPerClient = sessions, ConnectionsPerMinutePerClient = rate, ClientLimitExempt = exempt };
        Assert.Null(Enter(admission, limits, out var place));
        Assert.Equal(asks, admission.TryAsk(place!, out var asking));
        Assert.Equal(asks, asking is not null);
        place!.Leave();
        Assert.Equal(exempt.Length > 0 ? [] : [0], _others.Gone);
    }

    /// <summary>Where nobody could say, a client that is above this proxy's share is turned away, and one that is at it is not.</summary>
    [Theory]
    [InlineData(6, 3, false)]
    [InlineData(6, 4, true)]
    [InlineData(0, 4, false)]
    public async Task Judge_WhereNobodyCouldSay_KeepsToTheShare(int limit, int members, bool isRefused)
    {
        (_others.AreHeard, _others.Members, _others.Verdict) = (true, members, CommonVerdict.Unknown);
        var admission = new Admission { Common = _others };
        var limits = new SessionLimits { MaxSessionsPerClient = limit };
        Assert.Null(Enter(admission, limits, out _));
        Assert.Null(Enter(admission, limits, out var second));
        Assert.True(admission.TryAsk(second!, out var asking));
        Assert.Same(isRefused ? Refusal.SessionsPerClient : null, admission.Judge(second!, await asking));
    }

    private static Refusal? Enter(Admission admission, SessionLimits limits, out Place? place)
    {
        var client = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1);
        return admission.Enter("in", new Arrival(client, client, Stopwatch.GetTimestamp()), limits, ListenerPolicy.Open, false, out place);
    }
}
