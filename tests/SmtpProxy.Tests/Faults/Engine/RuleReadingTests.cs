using System.Text.Json.Nodes;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Tests.Faults.Engine;

/// <summary>How the members of a rule are read, and what is said where they cannot be.</summary>
public sealed class RuleReadingTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    [Theory]
    [InlineData("'at':'lunch'", "at", "\"lunch\" is not one of connect, dial, greeting, ")]
    [InlineData("'order':1.5", "order", "\"1.5\" is not a whole number")]
    [InlineData("'order':[1]", "order", "a list is not a whole number")]
    [InlineData("'probability':'NaN'", "probability", "\"NaN\" is not a number from 0 to 1")]
    [InlineData("'probability':-0.1", "probability", "\"-0.1\" is not a number from 0 to 1")]
    [InlineData("'enabled':'maybe'", "enabled", "\"maybe\" is not true or false")]
    [InlineData("'ttl':'60'", "ttl", "\"60\" is not a time span such as 00:00:35, at most 365 days")]
    [InlineData("'ttl':'-00:00:01'", "ttl", "\"-00:00:01\" is not a time span such as 00:00:35, at most 365 days")]
    [InlineData("'ttl':'365.00:00:00.0000001'", "ttl", "\"365.00:00:00.0000001\" is not a time span such as 00:00:35, at most 365 days")]
    [InlineData("'notAfter':'soon'", "notAfter", "\"soon\" is not a date and time with offset such as 2026-12-01T00:00:00Z")]
    [InlineData("'match':{'listener':[]}", "match.listener", "a list is not a text or a list of texts")]
    [InlineData("'match':{'listener':['a',{}]}", "match.listener", "a list is not a text or a list of texts")]
    [InlineData("'match':{'recipientCount':'many'}", "match.recipientCount", "\"many\" is not a whole number, or min and max")]
    [InlineData("'match':{'recipientCount':{'min':2,'max':1}}", "match.recipientCount", "an object is not a whole number, or min and max")]
    [InlineData("'match':{'recipientCount':{'least':2}}", "match.recipientCount", "an object is not a whole number, or min and max")]
    [InlineData("'match':{'recipientCount':{'min':'two'}}", "match.recipientCount", "an object is not a whole number, or min and max")]
    [InlineData("'match':{'elapsed':'00:01:00'}", "match.elapsed", "\"00:01:00\" is not min and max, time spans such as 00:00:35")]
    [InlineData("'match':'all'", "match", "\"all\" is not an object with members of its own")]
    [InlineData("'action':'close'", "action", "\"close\" is not an object with members of its own")]
    [InlineData("'occurrence':{'nth':[1,0]}", "occurrence.nth", "a list is not a whole number or a list of them")]
    [InlineData("'occurrence':{'nth':[]}", "occurrence.nth", "a list is not a whole number or a list of them")]
    [InlineData("'occurrence':{'every':0}", "occurrence.every", "\"0\" is not a whole number not below 1")]
    [InlineData("'occurrence':{'first':0}", "occurrence.first", "\"0\" is not a whole number not below 1")]
    [InlineData("'occurrence':{'after':-1}", "occurrence.after", "\"-1\" is not a whole number not below 0")]
    [InlineData("'budget':{'maxInjections':0}", "budget.maxInjections", "\"0\" is not a whole number not below 1")]
    [InlineData("'budget':{'maxPerMinute':0}", "budget.maxPerMinute", "\"0\" is not a whole number not below 1")]
    [InlineData("'budget':{'maxConcurrent':0}", "budget.maxConcurrent", "\"0\" is not a whole number not below 1")]
    [InlineData("'budget':{'maxPerClient':0}", "budget.maxPerClient", "\"0\" is not a whole number not below 1")]
    [InlineData("'budget':{'maxAffectedRatio':1.1}", "budget.maxAffectedRatio", "\"1.1\" is not a number from 0 to 1")]
    [InlineData("'afterBytes':0", "afterBytes", "\"0\" is not a whole number not below 1")]
    [InlineData("'pulse':{'on':'00:00:01'}", "pulse.off", "is missing; it is a time span such as 00:00:35, at most 365 days: ")]
    [InlineData("'colour':'red'", "colour", "is not known here; known are enabled, order, at, ")]
    [InlineData("'match':{'colour':'red'}", "match.colour", "is not known here; known are listener, upstream, ")]
    public void Member_ThatCannotBeRead_IsNamedWithWhatIsExpected(string member, string path, string text)
    {
        var name = member[1..member.IndexOf('\'', 1)];
        var rule = FaultRig.Json("{'at':'mail','action':{'type':'close'}}");
        rule.Remove(name);
        rule[name] = FaultRig.Json($"{{{member}}}")[name]!.DeepClone();
        Assert.Null(RuleParser.Read("it", rule, RuleSource.File, FaultRig.Bold, Now, out var errors));
        var error = Assert.Single(errors);
        Assert.Equal(path, error.Path);
        Assert.StartsWith(text, error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'ttl':'365.00:00:00'")]
    [InlineData("'probability':0")]
    [InlineData("'probability':'0.5'")]
    [InlineData("'probability':' +5e-1 '")]
    [InlineData("'order':'-7'")]
    [InlineData("'enabled':'True'")]
    [InlineData("'notAfter':' 2026-12-01T00:00:00Z'")]
    [InlineData("'match':{'recipientCount':{'max':1}}")]
    [InlineData("'match':{'recipientCount':{'MIN':1,'Max':1}}")]
    [InlineData("'match':{'elapsed':{'min':'00:00:01','max':'00:00:01'}}")]
    [InlineData("'match':{'listener':7}")]
    [InlineData("'match':{'listener':null}")]
    [InlineData("'occurrence':{'nth':1}")]
    [InlineData("'occurrence':{'after':0}")]
    [InlineData("'budget':{'maxAffectedRatio':0}")]
    [InlineData("'budget':{'maxAffectedRatio':1}")]
    public void Member_WithinItsBounds_IsRead(string member)
    {
        var at = member.Contains("recipientCount", StringComparison.Ordinal) ? "rcpt" : "mail";
        RuleParser.Read("it", FaultRig.Json($"{{'at':'{at}','action':{{'type':'close'}},{member}}}"), RuleSource.File, FaultRig.Bold, Now,
            out var errors);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("A.b-c_9", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    public void Name_OfARule_IsShortAndPlain(string name, bool isGood)
    {
        var (good, rule) = (isGood, FaultRig.Json("{'at':'mail','action':{'type':'close'}}"));
        Assert.Equal(good, RuleParser.Read(name, rule, RuleSource.File, FaultRig.Bold, Now, out _) is not null);
        var padded = name + new string('x', 64 - name.Length);
        Assert.Equal(good || name.Length == 0, RuleParser.Read(padded, rule, RuleSource.File, FaultRig.Bold, Now, out _) is not null);
        Assert.Null(RuleParser.Read(padded + "x", rule, RuleSource.File, FaultRig.Bold, Now, out var errors));
        Assert.Equal("", Assert.Single(errors).Path);
    }

    [Fact]
    public void Errors_OfARuleThatIsAllWrong_StopAtTwentyAndAreCut()
    {
        var rule = new JsonObject();
        for (var n = 0; n < 100; n++)
        {
            rule[$"{n}{new string('x', 200)}"] = 1;
        }

        Assert.Null(RuleParser.Read("it", rule, RuleSource.File, FaultRig.Bold, Now, out var errors));
        Assert.Equal(RuleError.Most, errors.Count);
        Assert.All(errors, static e => Assert.Equal(101, e.Path.Length));
        Assert.Equal((100, "x"), (new RuleError(new string('x', 100), "x").Path.Length, new RuleError("", "x").Text));
        Assert.Equal(600, new RuleError("", new string('x', 600)).Text.Length);
        Assert.Equal(601, new RuleError("", new string('x', 700)).Text.Length);
        Assert.EndsWith("…", new RuleError("", new string('x', 601)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Value_ThatIsVeryLong_IsShownInPart()
    {
        var rule = FaultRig.Json("{'at':'mail','action':{'type':'close'}}");
        rule["order"] = new string('x', 101);
        Assert.Null(RuleParser.Read("it", rule, RuleSource.File, FaultRig.Bold, Now, out var errors));
        Assert.Equal($"\"{new string('x', 100)}…\" is not a whole number", Assert.Single(errors).Text);
        rule["order"] = new string('x', 100);
        Assert.Null(RuleParser.Read("it", rule, RuleSource.File, FaultRig.Bold, Now, out errors));
        Assert.Equal($"\"{new string('x', 100)}\" is not a whole number", Assert.Single(errors).Text);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void Enabled_ThatIsWritten_IsWhatCounts(string enabled, bool isEnabled)
    {
        var text = FaultRig.Json($"{{'at':'mail','enabled':{enabled},'action':{{'type':'close'}}}}");
        Assert.Equal(isEnabled, RuleParser.Read("it", text, RuleSource.File, FaultRig.Bold, Now, out _)!.IsEnabled);
    }

    [Theory]
    [InlineData("2026-12-01T00:00:00")]
    [InlineData("2026-12-01T00:00:00Z")]
    [InlineData("2026-12-01T01:00:00+01:00")]
    public void Time_WithoutAnOffset_IsUtc(string time)
    {
        var text = FaultRig.Json($"{{'at':'mail','notAfter':'{time}','action':{{'type':'close'}}}}");
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero),
            RuleParser.Read("it", text, RuleSource.File, FaultRig.Bold, Now, out _)!.NotAfter);
    }

    [Fact]
    public void Rule_WithNothingButWhatItNeeds_IsTheseDefaults()
    {
        var rule = RuleParser.Read("it", FaultRig.Json("{'at':'mail','action':{'type':'close'}}"), RuleSource.File, FaultRig.Bold, Now,
            out _)!;
        Assert.Equal((true, 100L, 1L, TimeSpan.Zero, 1.0, "occurrence", "rule"),
            (rule.IsEnabled, rule.Order, rule.AfterBytes, rule.AfterTime, rule.Probability, rule.SampleBy, rule.Occurrence.Scope));
        Assert.Equal((null, null, null, Now), (rule.NotBefore, rule.NotAfter, rule.Pulse, rule.Created));
        Assert.True(rule.Occurrence.IsAlways);
        Assert.False(rule.IsOnReply);
    }

    [Fact]
    public void Schema_SaysOfEachKindWhatItIs()
    {
        var properties = RuleSchema.Create()["properties"]!;
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", RuleSchema.Create()["$schema"]!.GetValue<string>());
        Assert.Equal("SmtpProxy fault rule", RuleSchema.Create()["title"]!.GetValue<string>());
        Assert.Equal(["$schema", "title", "type", "properties"], RuleSchema.Create().Select(static m => m.Key).Take(4));
        Assert.Equal("""["at","action"]""", RuleSchema.Create()["required"]!.ToJsonString());
        Assert.Equal("""{"type":"number","minimum":0,"maximum":1,"description":"Share of those occasions that are struck, drawn by the """
            + """seed. Default: 1."}""", properties["probability"]!.ToJsonString());
        Assert.Equal("""{"type":"boolean","description":"Whether the rule is armed. Default: true."}""",
            properties["enabled"]!.ToJsonString());
        Assert.Equal("""{"type":"string","format":"date-time","description":"Not armed before."}""",
            properties["notBefore"]!.ToJsonString());
        Assert.Equal("""^(\d+\.)?\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,7})?)?$""", properties["ttl"]!["pattern"]!.GetValue<string>());
        Assert.Equal("string", properties["ttl"]!["type"]!.GetValue<string>());
        var match = properties["match"]!["properties"]!;
        Assert.Equal("""{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"},"minItems":1}],"description":"Names of """
            + """listeners."}""", match["listener"]!.ToJsonString());
        Assert.Equal("""{"type":"object","properties":{"min":{"type":"integer"},"max":{"type":"integer"}},"additionalProperties":false}""",
            match["recipientCount"]!["anyOf"]![1]!.ToJsonString());
        Assert.Equal("""{"type":"integer"}""", match["recipientCount"]!["anyOf"]![0]!.ToJsonString());
        Assert.Equal("object", match["elapsed"]!["type"]!.GetValue<string>());
        Assert.False(properties["match"]!["additionalProperties"]!.GetValue<bool>());
        Assert.Null(properties["match"]!["required"]);
        Assert.Equal("""["on","off"]""", properties["pulse"]!["required"]!.ToJsonString());
        Assert.Equal("""{"type":"integer","minimum":1}""", properties["occurrence"]!["properties"]!["nth"]!["anyOf"]![0]!.ToJsonString());
        var actions = properties["action"]!["oneOf"]!.AsArray();
        Assert.Equal(SmtpProxy.Faults.Actions.FaultActions.All.Select(static a => a.Name),
            actions.Select(static a => a!["properties"]!["type"]!["const"]!.GetValue<string>()));
        var reply = Assert.Single(actions, static a => a!["properties"]!["type"]!["const"]!.GetValue<string>() == "reply")!;
        Assert.Equal("""["type","code"]""", reply["required"]!.ToJsonString());
        Assert.Equal("A reply of our own in the right place of the pipeline; the relay never gets the command. At: greeting, ehlo, helo, "
            + "starttls, auth, authStep, mail, rcpt, data, rset, noop, vrfy, quit, anyCommand.", reply["description"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("MaxTtl")]
    [InlineData("MaxDelay")]
    [InlineData("UpstreamHoldLimit")]
    [InlineData("MaxActiveFaults")]
    [InlineData("AutoHaltRatio")]
    [InlineData("AutoHaltMinSessions")]
    public void Limit_OfNothing_IsRefusedByItsKey(string key)
    {
        var options = key switch
        {
            "MaxTtl" => FaultRig.Bold with { MaxTtl = TimeSpan.Zero },
            "MaxDelay" => FaultRig.Bold with { MaxDelay = TimeSpan.Zero },
            "UpstreamHoldLimit" => FaultRig.Bold with { UpstreamHoldLimit = TimeSpan.FromTicks(-1) },
            "MaxActiveFaults" => FaultRig.Bold with { MaxActiveFaults = 0 },
            "AutoHaltMinSessions" => FaultRig.Bold with { AutoHaltMinSessions = 0 },
            _ => FaultRig.Bold with { AutoHaltRatio = 0 },
        };
        var problem = Assert.Single(FaultsValidator.Validate(options, "Test", Now));
        Assert.StartsWith($"SmtpProxy:Faults:{key}: ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_AtTheirLeast_AreTaken()
    {
        Assert.Empty(FaultsValidator.Validate(FaultRig.Bold with
        {
            MaxTtl = TimeSpan.FromTicks(1), MaxDelay = TimeSpan.FromTicks(1), UpstreamHoldLimit = TimeSpan.FromTicks(1),
            MaxActiveFaults = 1, AutoHaltMinSessions = 1, AutoHaltRatio = 1,
        }, "Test", Now));
        foreach (var ratio in (double[])[1.01, double.NaN, -0.5])
        {
            Assert.Single(FaultsValidator.Validate(FaultRig.Bold with { AutoHaltRatio = ratio }, "Test", Now));
        }
    }

    [Fact]
    public void Rules_OfTheConfiguration_AreToldOfEachByItsKey()
    {
        var options = FaultRig.Bold with
        {
            Rules = FaultRig.Section("{'a':{'At':'mail','Action':{'Type':'close','How':'sadly'}},'b':'close','good':{'At':'mail',"
                + "'Action':{'Type':'close'}},'no good':{'At':'mail','Action':{'Type':'close'}}}"),
        };
        var problems = FaultsValidator.Rules(options, Now, out var rules);
        Assert.Equal(["good"], rules.Select(static r => r.Id));
        Assert.Equal(["SmtpProxy:Faults:Rules:a:Action:How", "SmtpProxy:Faults:Rules:b", "SmtpProxy:Faults:Rules:no good"],
            problems.Select(static p => p[..p.IndexOf(": ", StringComparison.Ordinal)]));
        Assert.Equal(problems, FaultsValidator.Validate(options, "Test", Now));
    }
}
