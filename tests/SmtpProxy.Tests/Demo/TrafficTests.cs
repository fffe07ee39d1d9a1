using SmtpProxy.Demo;

namespace SmtpProxy.Tests.Demo;

public sealed class TrafficTests
{
    [Fact]
    public void Kinds_TheFirstSessions_TakeOneEach() =>
        Assert.Equal(Kinds.All, Enumerable.Range(0, Kinds.All.Length).Select(static n => Kinds.Of(n, new Chance(1, n))));

    [Fact]
    public void Kinds_OfOneSeed_AreTheSameEveryTime() => Assert.Equal(Drawn(7), Drawn(7));

    [Fact]
    public void Kinds_OfAnotherSeed_AreOthers() => Assert.NotEqual(Drawn(7), Drawn(8));

    [Fact]
    public void Kinds_InTheLongRun_AllComeAndAsTheyWeigh()
    {
        var drawn = Drawn(3, 20_000).CountBy(static name => name).ToDictionary();
        Assert.Equal(Kinds.All.Length, drawn.Count);
        var expected = 20_000.0 * Kinds.All[0].Weight / Kinds.All.Sum(static k => k.Weight);
        Assert.InRange(drawn[Kinds.All[0].Name], expected * 0.95, expected * 1.05);
    }

    [Fact]
    public void Kinds_Each_GoToAListenerThatThereIs() =>
        Assert.Equal(Site.Listeners.Select(static l => l.Listener).Order(), Kinds.All.Select(static k => k.Listener).Distinct().Order());

    [Theory]
    [InlineData(1)]
    [InlineData(76)]
    [InlineData(1_000)]
    public void Text_OfAnyLength_IsWholeLines(int octets)
    {
        var text = new Chance(1, 1).Text(octets);
        Assert.Equal(octets, text.Length);
        Assert.DoesNotContain('\r', text.Replace("\r\n", "", StringComparison.Ordinal));
        Assert.DoesNotContain('\n', text.Replace("\r\n", "", StringComparison.Ordinal));
        Assert.All(text.Split("\r\n"), static line => Assert.InRange(line.Length, 0, 76));
    }

    private static string[] Drawn(int seed, int count = 200) =>
        [.. Enumerable.Range(1_000, count).Select(n => Kinds.Of(n, new Chance(seed, n)).Name)];
}
