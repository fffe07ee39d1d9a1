using CsCheck;
using SmtpProxy.Telemetry.Clocks;

namespace SmtpProxy.Tests.Telemetry.Clocks;

public sealed class AttributionTests
{
    [Fact]
    public void Until_AnyHistory_AddsUpToTheTickAndNothingIsNegative()
    {
        var gen = Gen.Select(Gen.Long[-1_000_000, 1_000_000], Gen.Enum<Owner>().Select(Gen.Long[-50, 1_000]).List[0, 60], Gen.Long[0, 500]);
        gen.Sample((start, events, rest) =>
        {
            var attribution = default(Attribution);
            attribution.Begin(Owner.Relay, start);
            var (now, latest) = (start, start);
            foreach (var (owner, passed) in events)
            {
                now += passed;
                latest = Math.Max(latest, now);
                attribution.Hand(owner, now);
            }

            var end = latest + rest;
            var shares = attribution.Until(end);
            return shares.Total == end - start && shares is { Client: >= 0, Relay: >= 0, Proxy: >= 0 };
        });
    }

    [Fact]
    public void Hand_EachOwner_GetsTheTimeUntilTheNext()
    {
        var attribution = default(Attribution);
        attribution.Begin(Owner.Relay, 100);
        attribution.Hand(Owner.Proxy, 110);
        attribution.Hand(Owner.Client, 111);
        attribution.Hand(Owner.Proxy, 141);
        attribution.Hand(Owner.Relay, 143);
        Assert.Equal(new Shares(30, 10 + 57, 1 + 2), attribution.Until(200));
    }

    [Fact]
    public void Delay_InAnothersTime_IsTheProxys()
    {
        var attribution = default(Attribution);
        attribution.Begin(Owner.Relay, 100);
        attribution.Delay(150, 170);
        Assert.Equal(new Shares(0, 50 + 30, 20), attribution.Until(200));
        // What was given already stays.
        attribution.Hand(Owner.Client, 200);
        attribution.Delay(180, 210);
        Assert.Equal(new Shares(40, 80, 30), attribution.Until(250));
    }

    [Fact]
    public void Take_AnyNumberOfTimes_AddsUpToTheWhole()
    {
        var gen = Gen.Select(Gen.Enum<Owner>(), Gen.Long[0, 1_000], Gen.Bool).List[0, 60];
        gen.Sample(events =>
        {
            var attribution = default(Attribution);
            attribution.Begin(Owner.Relay, 0);
            var (now, taken) = (0L, new Shares(0, 0, 0));
            foreach (var (owner, passed, takes) in events)
            {
                now += passed;
                attribution.Hand(owner, now);
                if (takes)
                {
                    taken += attribution.Take(now);
                }
            }

            return taken + attribution.Take(now) == attribution.Until(now);
        });
    }

    [Fact]
    public void Until_AskedTwice_ChangesNothing()
    {
        var attribution = default(Attribution);
        attribution.Begin(Owner.Client, 0);
        Assert.Equal(attribution.Until(50), attribution.Until(50));
        Assert.Equal(70, attribution.Until(70).Client);
    }
}
