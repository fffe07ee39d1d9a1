using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Counting;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Tests.Faults.Engine;

/// <summary>Rules that are looked through, many wrong ones at once, and how much is remembered of each.</summary>
public sealed class RuleBookTests
{
    private const string Refuse = "'at':'mail','action':{'type':'reply','code':451}";

    /// <summary>A change each second would work out anew what every session waits for.</summary>
    [Fact]
    public void Sweep_WhereNoLifeOfARuleOfTheApiIsOver_ChangesNothing()
    {
        var over = FaultRig.Section($"{{'file':{{'notAfter':'2001-01-01T00:00:00Z',{Refuse}}}}}");
        using var rig = new FaultRig(FaultRig.Bold with { Rules = over });
        rig.Put("alive", $"{{{Refuse}}}");
        var (revision, changes) = (rig.Engine.Rules.Revision, 0);
        rig.Engine.Changed += () => changes++;
        rig.Engine.Sweep();
        Assert.Equal((revision, 0, 2), (rig.Engine.Rules.Revision, changes, rig.Engine.Rules.Texts().Count));
        rig.Time.Advance(TimeSpan.FromHours(2));
        rig.Engine.Sweep();
        rig.Engine.Sweep();
        Assert.Equal((revision + 1, 1), (rig.Engine.Rules.Revision, changes));
        Assert.Equal(["file"], rig.Engine.Rules.Texts().Keys);
    }

    [Fact]
    public void Rules_OfWhichManyAreWrong_AreToldOfTwenty()
    {
        using var rig = new FaultRig();
        var wrong = Enumerable.Range(10, 30).Select(static n =>
            KeyValuePair.Create($"r{n}", FaultRig.Json("{'ttl':'00:01:00','at':'lunch','action':{'type':'close'}}")));
        var change = rig.Engine.Rules.PutAll(wrong, null, keepOthers: false);
        Assert.Equal(RuleChangeKind.Refused, change.Kind);
        Assert.Equal(Enumerable.Range(10, 20).Select(static n => $"r{n}.at"), change.Errors.Select(static e => e.Path));
        Assert.Equal(20, RuleError.Most);
    }

    [Fact]
    public void Rule_WhoseNameIsWrong_IsNamedWithoutAMember()
    {
        using var rig = new FaultRig();
        var rule = FaultRig.Json($"{{'ttl':'00:01:00',{Refuse}}}");
        KeyValuePair<string, JsonObject>[] rules = [KeyValuePair.Create("no good", rule)];
        Assert.Equal("no good", Assert.Single(rig.Engine.Rules.PutAll(rules, null, keepOthers: false).Errors).Path);
        Assert.Equal("", Assert.Single(rig.Engine.Rules.PutAll(rules, null, keepOthers: true).Errors).Path);
    }

    /// <summary>There is room for 100,000 keys; with the next all are forgotten.</summary>
    [Fact]
    public void Occasions_OfMoreKeysThanAreKept_BeginAnew()
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{{Refuse}}}");
        var state = rig.Engine.Rules.Current.All[0];
        for (var n = 0; n < 100_000; n++)
        {
            Assert.Equal((1L, 1L), (state.Occasion($"{n}", peek: false), state.DrawOrdinal((ulong)n, peek: false)));
        }

        Assert.Equal((2L, 2L, 1L, 1L), (state.Occasion("0", peek: true), state.DrawOrdinal(0, peek: true),
            state.Occasion("x", peek: true), state.DrawOrdinal(ulong.MaxValue, peek: true)));
        Assert.Equal((1L, 1L), (state.Occasion("x", peek: false), state.DrawOrdinal(ulong.MaxValue, peek: false)));
        Assert.Equal((1L, 1L, 2L, 2L), (state.Occasion("0", peek: true), state.DrawOrdinal(0, peek: true),
            state.Occasion("x", peek: true), state.DrawOrdinal(ulong.MaxValue, peek: true)));
    }

    [Fact]
    public void Clients_OfMoreThanAreKept_BeginAnew()
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{'budget':{{'maxPerClient':1}},{Refuse}}}");
        var state = rig.Engine.Rules.Current.All[0];
        bool Takes(long client, bool peek = false) => state.TryTake(new IPAddress(client), false, 0, rig.Time.GetUtcNow(), peek);
        for (var n = 1; n <= 100_000; n++)
        {
            Assert.True(Takes(n));
        }

        Assert.False(Takes(1, peek: true));
        Assert.False(Takes(100_000, peek: true));
        Assert.True(Takes(100_001));
        Assert.True(Takes(1, peek: true));
        Assert.False(Takes(100_001, peek: true));
    }

    /// <summary>Listeners and clients together.</summary>
    [Fact]
    public void Sessions_OfMoreThanAreCountedApart_BeginAnew()
    {
        var (numbers, now) = (new SessionNumbers(), DateTimeOffset.UnixEpoch);
        FaultFacts Of(int client) => FaultRig.Facts("s", new IPAddress(client).ToString());
        for (var n = 1; n < 100_000; n++)
        {
            Assert.Equal((n, 1L), numbers.Open(Of(n), now));
        }

        Assert.Equal((1L, 1L), numbers.Open(Of(1), now));
        Assert.Equal((2L, 1L), numbers.Open(Of(2), now));
        Assert.Equal((3L, 2L), numbers.Open(Of(2), now));
        numbers.Forget();
        Assert.Equal((1L, 1L), numbers.Open(Of(2), now));
        Assert.Equal(100_003, numbers.Recent(now));
    }

    [Fact]
    public void Delay_ThatAFaultAdded_IsMeasuredWhereThereWasAny()
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{{Refuse}}}");
        foreach (var seconds in (int[])[0, 2])
        {
            var (faults, facts) = rig.Session();
            var injection = Assert.Single(faults.OnCommand(FaultPoint.Mail, facts)!.Injections);
            injection.AddedDelay = TimeSpan.FromSeconds(seconds);
            injection.Done();
        }

        Assert.Equal(2, rig.Metrics.Single("smtpproxy.faults.added_delay", "smtpproxy.fault.rule=it", "smtpproxy.fault.point=mail").Value);
    }

    /// <summary>A series that is there from the start can be watched for its first rise.</summary>
    [Fact]
    public void Skipped_OfEachReason_IsThereFromTheStart()
    {
        using var rig = new FaultRig();
        rig.Put("it", $"{{{Refuse}}}");
        const string Reason = "smtpproxy.fault.reason=";
        Assert.Equal(
            ["budget", "conflict", "disabled", "encrypted", "expired", "fleet", "halted", "not_sampled", "not_terminated"],
            rig.Metrics.All("smtpproxy.faults.skipped").Where(static s => s.Has("smtpproxy.fault.rule=it"))
                .Select(static s => s.Attributes.Single(static a => a.StartsWith(Reason, StringComparison.Ordinal))[Reason.Length..])
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Registration_MakesOneEngineAndItsWatch()
    {
        using var meter = new Meter("SmtpProxy");
        using var services = new ServiceCollection().AddLogging().AddSingleton(meter).AddFaults(static () => new FaultsOptions())
            .BuildServiceProvider();
        Assert.Same(services.GetRequiredService<FaultEngine>(), services.GetRequiredService<IFaultEngine>());
        Assert.IsType<FaultWatch>(Assert.Single(services.GetServices<IHostedService>()));
    }
}
