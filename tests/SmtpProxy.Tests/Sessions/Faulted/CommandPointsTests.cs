using SmtpProxy.Faults;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Sessions.Faulted;

namespace SmtpProxy.Tests.Sessions.Faulted;

public sealed class CommandPointsTests
{
    [Fact]
    public void Of_EachVerb_IsItsPoint_AndAnyOtherIsACommandAtLeast() =>
        Assert.Equal(
            new Dictionary<FaultPoint, string>
            {
                [FaultPoint.Ehlo] = "Ehlo Lhlo",
                [FaultPoint.Helo] = "Helo",
                [FaultPoint.StartTls] = "StartTls",
                [FaultPoint.Auth] = "Auth",
                [FaultPoint.Mail] = "Mail",
                [FaultPoint.Rcpt] = "Rcpt",
                [FaultPoint.Data] = "Data",
                [FaultPoint.Bdat] = "Bdat",
                [FaultPoint.Rset] = "Rset",
                [FaultPoint.Noop] = "Noop",
                [FaultPoint.Vrfy] = "Expn Vrfy",
                [FaultPoint.Quit] = "Quit",
            },
            Enum.GetValues<Verb>().GroupBy(static verb => CommandPoints.Of(verb, isLast: false))
                .Where(static of => of.Key != FaultPoint.AnyCommand)
                .ToDictionary(static of => of.Key, static of => string.Join(' ', of.Select(static verb => verb.ToString()).Order())));

    [Fact]
    public void Of_LastChunk_EndsTheMessage_AndNothingElseDoes() =>
        Assert.Equal([Verb.Bdat],
            Enum.GetValues<Verb>().Where(static verb => CommandPoints.Of(verb, isLast: true) == FaultPoint.EndOfData));

    [Fact]
    public void OperationOf_EachPoint_IsThePhaseOfItsReply() =>
        Assert.Equal(
            new Dictionary<Operation, string>
            {
                [Operation.Greeting] = "Connect Dial Greeting",
                [Operation.Ehlo] = "Ehlo Helo",
                [Operation.StartTls] = "StartTls",
                [Operation.Auth] = "Auth AuthStep",
                [Operation.Mail] = "Mail",
                [Operation.Rcpt] = "Rcpt",
                [Operation.Data] = "Data",
                [Operation.EndOfData] = "DataBody EndOfData",
                [Operation.Bdat] = "Bdat",
                [Operation.Rset] = "Rset",
                [Operation.Noop] = "Noop",
                [Operation.Vrfy] = "Vrfy",
                [Operation.Quit] = "Quit",
            },
            Enum.GetValues<FaultPoint>().GroupBy(CommandPoints.OperationOf).Where(static of => of.Key != Operation.Other)
                .ToDictionary(static of => of.Key, static of => string.Join(' ', of.Select(static point => point.ToString()).Order())));

    /// <summary>A line whose rules are not among these might pass before it is whole.</summary>
    [Fact]
    public void All_HasEveryPoint_AtWhichACommandLineIsDecided() =>
        Assert.Equal(
            Enum.GetValues<Verb>().SelectMany(static verb => new[] { CommandPoints.Of(verb, false), CommandPoints.Of(verb, true) })
                .Concat([FaultPoint.AuthStep, FaultPoint.TlsHandshake]).Distinct().Order(),
            CommandPoints.All.Order());
}
