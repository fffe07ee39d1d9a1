using System.Text;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("MAIL FROM:<a@b>", Verb.Mail, "MAIL", "FROM:<a@b>")]
    [InlineData(" \tnoop \t", Verb.Noop, "noop", "")]
    [InlineData("RCPT\tTO:<a>", Verb.Rcpt, "RCPT", "TO:<a>")]
    [InlineData("QUIT\r", Verb.Quit, "QUIT", "\r")]
    [InlineData("azAZ09- x", Verb.Unknown, "azAZ09-", "x")]
    [InlineData("Subject: x", Verb.Unknown, "Subject", ": x")]
    [InlineData("DATA: x", Verb.Unknown, "DATA", ": x")]
    [InlineData("", Verb.Empty, "", "")]
    [InlineData("\t ", Verb.Empty, "", "")]
    [InlineData("`x", Verb.NotAVerb, "", "")]
    [InlineData("{x", Verb.NotAVerb, "", "")]
    [InlineData("@x", Verb.NotAVerb, "", "")]
    [InlineData("[x", Verb.NotAVerb, "", "")]
    [InlineData("/x", Verb.NotAVerb, "", "")]
    [InlineData(":x", Verb.NotAVerb, "", "")]
    [InlineData("NOOP.x", Verb.NotAVerb, "", "")]
    public void Parse_OfALine_IsItsVerbAndTheRest(string line, Verb verb, string text, string arguments)
    {
        var parsed = CommandLine.Parse(Encoding.ASCII.GetBytes(line));
        Assert.Equal((verb, text, arguments),
            (parsed.Verb, Encoding.ASCII.GetString(parsed.VerbText), Encoding.ASCII.GetString(parsed.Arguments)));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1", true)]
    [InlineData("GET /", false)]
    [InlineData("NOOP / HTTP/1.1", false)]
    public void IsHttpRequest_OfALine_IsARequestLine(string line, bool isRequest) =>
        Assert.Equal(isRequest, CommandLine.Parse(Encoding.ASCII.GetBytes(line)).IsHttpRequest);

    [Theory]
    [InlineData("SIZE=9 SMTPUTF8", true)]
    [InlineData("smtputf8", true)]
    [InlineData("SMTPUTF8=x", true)]
    [InlineData("XSMTPUTF8", false)]
    [InlineData("=SMTPUTF8", false)]
    [InlineData("", false)]
    public void HasParameter_OfParameters_IsWhetherTheKeywordIsThere(string parameters, bool isThere) =>
        Assert.Equal(isThere, CommandLine.HasParameter(Encoding.ASCII.GetBytes(parameters), "SMTPUTF8"u8));

    [Theory]
    [InlineData("AUTH PLAIN", true)]
    [InlineData("auth", true)]
    [InlineData("AUTH=PLAIN", false)]
    [InlineData("XAUTH", false)]
    [InlineData(" AUTH", false)]
    public void BeginsWith_OfACapability_IsItsFirstWord(string line, bool begins) =>
        Assert.Equal(begins, CommandLine.BeginsWith(Encoding.ASCII.GetBytes(line), "AUTH"u8));
}
