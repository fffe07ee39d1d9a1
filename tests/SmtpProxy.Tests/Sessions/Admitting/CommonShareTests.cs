using System.Diagnostics;
using System.Net;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Admitting;

/// <summary>Where the other proxies are not heard, a proxy keeps to its share of the limits; where they are, they decide.</summary>
public sealed class CommonShareTests
{
    private readonly Others _others = new();

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

        _others.Gone.Clear();
        third!.Leave();
        Assert.Equal([2], _others.Gone);
    }

    private static Refusal? Enter(Admission admission, SessionLimits limits, out Place? place)
    {
        var client = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1);
        return admission.Enter("in", new Arrival(client, client, Stopwatch.GetTimestamp()), limits, ListenerPolicy.Open, false, out place);
    }

    private sealed class Others : ICommonLimits
    {
        public List<int> Gone { get; } = [];

        public bool AreHeard { get; set; }

        public int Members { get; set; } = 3;

        public CommonVerdict Verdict { get; set; }

        public Task<CommonVerdict> EnterAsync(ClientNetwork client, int here, SessionLimits limits) => Task.FromResult(Verdict);

        public void Count(Func<IEnumerable<KeyValuePair<ClientNetwork, int>>> here)
        {
            // Nobody has to be told again.
        }

        public void Left(ClientNetwork client, int here) => Gone.Add(here);
    }
}
