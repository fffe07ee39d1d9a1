using System.Text.Json.Nodes;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Actions;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Presets;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Tests.Faults;

public sealed class RuleParserTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    [Theory]
    [MemberData(nameof(GoodRules.Each), MemberType = typeof(GoodRules))]
    public void Rule_FromJsonAndFromConfiguration_IsTheSame(string text)
    {
        var json = RuleParser.Read("it", FaultRig.Json(text), RuleSource.File, FaultRig.Bold, Now, out var errors);
        Assert.Empty(errors);
        var tree = (JsonObject)ConfigurationTree.Of(FaultRig.Section(text))!;
        var file = RuleParser.Read("it", tree, RuleSource.File, FaultRig.Bold, Now, out errors);
        Assert.Empty(errors);
        Assert.Equal((json!.At, json.Action.Name, json.IsEnabled, json.Order, json.Probability, json.SampleBy, json.Effect, json.Pulse,
            json.AfterBytes, json.AfterTime),
            (file!.At, file.Action.Name, file.IsEnabled, file.Order, file.Probability, file.SampleBy, file.Effect, file.Pulse,
                file.AfterBytes, file.AfterTime));
    }

    [Theory]
    [MemberData(nameof(GoodRules.Each), MemberType = typeof(GoodRules))]
    public void Schema_RuleThatTheParserAccepts_IsValid(string text) =>
        Assert.Null(SchemaCheck.Wrong(RuleSchema.Create(), FaultRig.Json(text)));

    [Theory]
    [InlineData("{'at':'greeting','action':{'type':'delay','duration':'00:00:35'},'order':'first'}")]
    [InlineData("{'at':'lunch','action':{'type':'delay','duration':'00:00:35'}}")]
    [InlineData("{'at':'greeting','action':{'type':'explode'}}")]
    [InlineData("{'at':'greeting','action':{'type':'delay','duration':35}}")]
    [InlineData("{'at':'greeting','colour':'red','action':{'type':'delay','duration':'00:00:35'}}")]
    [InlineData("{'at':'greeting'}")]
    [InlineData("{'at':'dial','action':{'type':'dialFail','how':'sadly'}}")]
    [InlineData("{'at':'greeting','probability':2,'action':{'type':'delay','duration':'00:00:35'}}")]
    public void Schema_RuleThatTheParserRefuses_IsInvalid(string text)
    {
        Assert.NotNull(SchemaCheck.Wrong(RuleSchema.Create(), FaultRig.Json(text)));
        Assert.Null(RuleParser.Read("it", FaultRig.Json(text), RuleSource.File, FaultRig.Bold, Now, out _));
    }

    [Fact]
    public void Schema_PresetRules_AreValid() => Assert.All(
        PresetCatalogue.All.SelectMany(static preset => preset.Rules),
        static rule => Assert.Null(SchemaCheck.Wrong(RuleSchema.Create(), rule.Value!)));

    [Fact]
    public void PresetRules_WithEverythingAllowed_CanWork() =>
        Assert.All(PresetCatalogue.All.SelectMany(static preset => preset.Rules), static rule =>
    {
        RuleParser.Read(rule.Key, (JsonObject)rule.Value!, RuleSource.File, FaultRig.Bold, Now, out var errors);
        Assert.Empty(errors);
    });

    [Fact]
    public void Actions_AllOfThem_AreInTheTableTwice() => Assert.All(
        FaultActions.All,
        static action =>
            Assert.True(GoodRules.All.Count(text => FaultRig.Json(text)["action"]!["type"]!.GetValue<string>() == action.Name) >= 2,
                action.Name));

    [Fact]
    public void Names_InAnyCase_AreRead()
    {
        var rule = RuleParser.Read("it", FaultRig.Json("{'At':'ENDOFDATA','ACTION':{'Type':'AckLoss','THEN':'Fin'}}"), RuleSource.File,
            FaultRig.Bold, Now, out _);
        Assert.Equal((FaultPoint.EndOfData, "ackLoss"), (rule!.At, rule.Action.Name));
    }

    [Fact]
    public void Effects_AtEndOfData_AreThoseOfTheSpecification()
    {
        string Of(string action) =>
            FaultNames.Of(RuleParser.Read("it", FaultRig.Json($"{{'at':'endOfData','action':{action}}}"), RuleSource.File, FaultRig.Bold,
                Now, out _)!.Effect);
        Assert.Equal("duplicateRisk", Of("{'type':'ackLoss'}"));
        Assert.Equal("duplicateRisk", Of("{'type':'rewriteReply','code':451}"));
        Assert.Equal("lossRisk", Of("{'type':'rewriteReply','code':250}"));
        Assert.Equal("lossRisk", Of("{'type':'blackhole'}"));
        Assert.Equal("notDelivered", Of("{'type':'rejectMessage'}"));
        Assert.Equal("notDelivered", Of("{'type':'close'}"));
        Assert.Equal("duplicateRisk", Of("{'type':'stall','duration':'00:00:01'}"));
        Assert.Equal("duplicateRisk", Of("{'type':'truncateReply','bytes':3}"));
        Assert.Equal("duplicateRisk", Of("{'type':'malformReply','kind':'bareLf'}"));
        Assert.Equal("lossRisk", Of("{'type':'extraReply'}"));
        Assert.Equal("duplicateRisk", Of("{'type':'extraReply','text':'451 later'}"));
        Assert.Equal("none", Of("{'type':'delay','duration':'00:00:01'}"));
    }
}
