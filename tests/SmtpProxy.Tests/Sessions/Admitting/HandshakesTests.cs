using System.Collections.Concurrent;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Sessions.Admitting;

/// <summary>How many may shake hands at once, and what is counted.</summary>
public sealed class HandshakesTests
{
    private static readonly ClientNetwork Alice = new(0, 1);
    private static readonly ClientNetwork Bob = new(0, 2);
    private readonly Handshakes _handshakes = new();

    [Fact]
    public void TooMany_OfAClientOrOfAll_IsOneMoreThanMayBe()
    {
        var limits = new SessionLimits { MaxHandshakes = 3, MaxHandshakesPerClient = 2 };
        Assert.Equal((1, 1), _handshakes.Begin(Alice));
        Assert.Null(_handshakes.TooMany(Alice, limits));
        Assert.Equal((2, 2), _handshakes.Begin(Alice));
        Assert.Same(Refusal.HandshakesPerClient, _handshakes.TooMany(Alice, limits));
        Assert.Null(_handshakes.TooMany(Bob, limits));
        Assert.Equal((3, 1), _handshakes.Begin(Bob));
        Assert.Same(Refusal.Handshakes, _handshakes.TooMany(Bob, limits));
        Assert.Equal(3, _handshakes.Count);
        _handshakes.End(Alice);
        Assert.Null(_handshakes.TooMany(Bob, limits));
    }

    /// <summary>Those whom the limits for each client spare may be half of all, rounded up.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData(0, 100)]
    public void TryBegin_OfTheSpared_IsForHalfOfAll(int most, int begun)
    {
        var limits = new SessionLimits { MaxHandshakes = most, MaxHandshakesPerClient = 1 };
        for (var n = 0; n < begun; n++)
        {
            Assert.Null(_handshakes.TooMany(null, limits));
            Assert.Null(_handshakes.TryBegin(null, limits));
        }

        if (most > 0)
        {
            Assert.Same(Refusal.Handshakes, _handshakes.TooMany(null, limits));
            Assert.Same(Refusal.Handshakes, _handshakes.TryBegin(null, limits));
        }

        Assert.Equal(begun, _handshakes.Count);
        _handshakes.End(null);
        Assert.Null(_handshakes.TryBegin(null, limits));
    }

    [Fact]
    public void TryBegin_ThatIsRefused_CountsNothing()
    {
        var limits = new SessionLimits { MaxHandshakesPerClient = 1 };
        Assert.Null(_handshakes.TryBegin(Alice, limits));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Same(Refusal.HandshakesPerClient, _handshakes.TryBegin(Alice, limits)));
        Assert.Equal(1, _handshakes.Count);
        _handshakes.End(Alice);
        Assert.Equal((0, null), (_handshakes.Count, _handshakes.TryBegin(Alice, limits)));
    }

    /// <summary>Who is not there takes no memory.</summary>
    [Fact]
    public void Tally_OfWhatCameAndWent_HoldsNothing()
    {
        var counts = new ConcurrentDictionary<string, int>();
        Assert.Equal([1, 2, 1], [Tally.Add(counts, "a"), Tally.Add(counts, "a"), Tally.Add(counts, "b")]);
        Tally.Subtract(counts, "a");
        Tally.Subtract(counts, "b");
        Assert.Equal(KeyValuePair.Create("a", 1), Assert.Single(counts));
        Tally.Subtract(counts, "a");
        Assert.Empty(counts);
        // Nor does who never came.
        Tally.Subtract(counts, "c");
        Assert.Empty(counts);
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(2, 1, true)]
    [InlineData(2, 0, false)]
    public void Exceeds_ALimit_WhatIsMoreThanIt(int count, int limit, bool exceeds) => Assert.Equal(exceeds, Tally.Exceeds(count, limit));
}
