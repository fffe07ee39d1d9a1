using System.Text;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol.Tests.Commands;

public sealed class VerbsTests
{
    [Theory]
    [InlineData("HELO", Verb.Helo, Operation.Ehlo, 512)]
    [InlineData("EHLO", Verb.Ehlo, Operation.Ehlo, 512)]
    [InlineData("LHLO", Verb.Lhlo, Operation.Ehlo, 512)]
    [InlineData("MAIL", Verb.Mail, Operation.Mail, 2048)]
    [InlineData("RCPT", Verb.Rcpt, Operation.Rcpt, 2048)]
    [InlineData("DATA", Verb.Data, Operation.Data, 512)]
    [InlineData("BDAT", Verb.Bdat, Operation.Bdat, 512)]
    [InlineData("BURL", Verb.Burl, Operation.Other, 2048)]
    [InlineData("RSET", Verb.Rset, Operation.Rset, 512)]
    [InlineData("NOOP", Verb.Noop, Operation.Noop, 512)]
    [InlineData("QUIT", Verb.Quit, Operation.Quit, 512)]
    [InlineData("VRFY", Verb.Vrfy, Operation.Vrfy, 512)]
    [InlineData("EXPN", Verb.Expn, Operation.Vrfy, 512)]
    [InlineData("HELP", Verb.Help, Operation.Other, 512)]
    [InlineData("ETRN", Verb.Etrn, Operation.Other, 512)]
    [InlineData("ATRN", Verb.Atrn, Operation.Other, 512)]
    [InlineData("TURN", Verb.Turn, Operation.Other, 512)]
    [InlineData("STARTTLS", Verb.StartTls, Operation.StartTls, 512)]
    [InlineData("AUTH", Verb.Auth, Operation.Auth, 12288)]
    [InlineData("XCLIENT", Verb.XClient, Operation.Other, 2048)]
    [InlineData("XFORWARD", Verb.XForward, Operation.Other, 2048)]
    [InlineData("X-ANONYMOUSTLS", Verb.XAnonymousTls, Operation.StartTls, 512)]
    [InlineData("X-ANONYMOUSTLSX", Verb.Unknown, Operation.Other, 512)]
    [InlineData("WIZ", Verb.Unknown, Operation.Other, 512)]
    public void Verb_InAnyCase_HasItsOperationAndLongestLine(string token, object verb, object operation, int longest)
    {
        Assert.Equal((Verb)verb, Verbs.Of(Encoding.ASCII.GetBytes(token)));
        Assert.Equal((Verb)verb, Verbs.Of(Encoding.ASCII.GetBytes(token.ToLowerInvariant())));
        Assert.Equal((Operation)operation, Verbs.OperationOf((Verb)verb));
        Assert.Equal(longest, Verbs.LongestLine((Verb)verb));
    }

    [Fact]
    public void Greeting_AndEndOfData_HaveOperationsOfTheirOwn() => Assert.Equal(
        (Operation.Greeting, Operation.EndOfData), (Verbs.OperationOf(Verb.Greeting), Verbs.OperationOf(Verb.EndOfData)));

    [Fact]
    public void Letter_ThatIsNone_IsNoLetterInAnotherCase()
    {
        // One before "a" and one after "z", 32 lower, would be "@" and "Z" + 1.
        Assert.Equal(Verb.Unknown, Verbs.Of("NOO`"u8));
        Assert.Equal(Verb.Unknown, Verbs.Of("NOO{"u8));
        Assert.Equal(Verb.Unknown, Verbs.Of(""u8));
    }

    [Fact]
    public void Group_EndsWith_TheseVerbs() => Assert.Equal(
        [Verb.Ehlo, Verb.Lhlo, Verb.Data, Verb.Noop, Verb.Quit, Verb.Vrfy, Verb.Expn, Verb.Turn, Verb.StartTls, Verb.XAnonymousTls],
        Enum.GetValues<Verb>().Where(Verbs.EndsGroup));

    [Fact]
    public void Meaning_OfWhatFollows_DependsOnTheReplyToTheseVerbs() => Assert.Equal(
        [Verb.Data, Verb.Atrn, Verb.Turn, Verb.StartTls, Verb.Auth, Verb.XAnonymousTls], Enum.GetValues<Verb>().Where(Verbs.Holds));
}
