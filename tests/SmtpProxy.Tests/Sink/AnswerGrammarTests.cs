using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

public sealed class AnswerGrammarTests
{
    [Theory]
    [InlineData("450", Stage.Rcpt, 450, "")]
    [InlineData("599", Stage.Rcpt, 599, "")]
    [InlineData("550-5.7.1", Stage.Rcpt, 550, "5.7.1")]
    [InlineData("450-DATA", Stage.Data, 450, "")]
    [InlineData("451-4.3.999-dot", Stage.Dot, 451, "4.3.999")]
    [InlineData("554-quit", Stage.Quit, 554, "")]
    public void Parse_Code_IsForItsStage(string localPart, object stage, int code, string enhanced)
    {
        var answer = Parse(localPart)[(Stage)stage];
        Assert.Equal((code, enhanced), (answer.Code, answer.Enhanced.ToString()));
        Assert.Equal(AnswerEnding.None, answer.Ending);
    }

    [Theory]
    [InlineData("delay-250ms", Stage.Rcpt, 250)]
    [InlineData("Delay-2S", Stage.Rcpt, 2_000)]
    [InlineData("delay-60m-dot", Stage.Dot, 3_600_000)]
    [InlineData("delay-1s+delay-1s", Stage.Rcpt, 2_000)]
    public void Parse_Delay_IsATime(string localPart, object stage, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Parse(localPart)[(Stage)stage].Delay);

    [Theory]
    [InlineData("drop", AnswerEnding.Drop, 0)]
    [InlineData("reset", AnswerEnding.Reset, 0)]
    [InlineData("421", AnswerEnding.Close, 421)]
    public void Parse_Ending_IsOne(string localPart, object ending, int code)
    {
        var answer = Parse(localPart)[Stage.Rcpt];
        Assert.Equal(((AnswerEnding)ending, code), (answer.Ending, answer.Code));
    }

    [Fact]
    public void Parse_Combined_EachStageHasItsOwn()
    {
        var plan = Parse("delay-1s+450+delay-2s-dot+drop-dot+550-quit");
        Assert.Equal(new Answer { Delay = TimeSpan.FromSeconds(1), Code = 450 }, plan[Stage.Rcpt]);
        Assert.Equal(new Answer { Delay = TimeSpan.FromSeconds(2), Ending = AnswerEnding.Drop }, plan[Stage.Dot]);
        Assert.Equal(new Answer { Code = 550 }, plan[Stage.Quit]);
        Assert.Equal(default, plan[Stage.Data]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("user")]
    [InlineData("450x")]
    [InlineData("45")]
    [InlineData("250")]
    [InlineData("350")]
    [InlineData("user+450")]
    [InlineData("450+user")]
    [InlineData("450+")]
    [InlineData("450-")]
    [InlineData("450-noon")]
    [InlineData("450-5.1.1")]
    [InlineData("550-5.1")]
    [InlineData("550-5.1.1.1")]
    [InlineData("550-5..1")]
    [InlineData("550-5.1.1000")]
    [InlineData("delay-")]
    [InlineData("delay-2")]
    [InlineData("delay-2h")]
    [InlineData("delay-61m")]
    [InlineData("delay--2s")]
    [InlineData("delay-+2s")]
    [InlineData("delay-99999999999s")]
    [InlineData("drop-")]
    [InlineData("dropped")]
    [InlineData("\"450\"")]
    public void Parse_Ordinary_AsksForNothing(string localPart)
    {
        var plan = Parse(localPart);
        Assert.All(Enum.GetValues<Stage>(), stage => Assert.Equal(default, plan[stage]));
    }

    [Theory]
    [InlineData(450, "450 4.2.0 ")]
    [InlineData(421, "421 4.3.2 ")]
    [InlineData(499, "499 4.0.0 ")]
    [InlineData(599, "599 5.0.0 ")]
    public void Of_AnyCode_HasAnEnhancedCodeOfItsClass(ushort code, string expected)
    {
        var reply = Encoding.ASCII.GetString(AnswerReply.Of(new Answer { Code = code }));
        Assert.StartsWith(expected, reply, StringComparison.Ordinal);
        Assert.EndsWith("\r\n", reply, StringComparison.Ordinal);
    }

    private static AnswerPlan Parse(string localPart) => AnswerGrammar.Parse(Encoding.ASCII.GetBytes(localPart), Stage.Rcpt);
}
