using System.Text;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Sessions.Faulted;

namespace SmtpProxy.Tests.Sessions.Faulted;

public sealed class LocalTailTests
{
    [Theory]
    [InlineData(false, "RSET and NOOP 250, QUIT 221 and out, else 421 and out")]
    [InlineData(true, "QUIT 221 and out, else 503")]
    public void Answer_ToEachVerb_IsEnoughToLeaveInGoodOrder(bool refused, string what)
    {
        foreach (var verb in Enum.GetValues<Verb>())
        {
            var reply = Encoding.ASCII.GetString(LocalTail.Answer(verb, refused, out var ends));
            var expected = verb switch
            {
                Verb.Quit => ("221 2.0.0 Bye\r\n", true),
                _ when refused => ("503 5.5.1 Bad sequence of commands\r\n", false),
                Verb.Rset or Verb.Noop => ("250 2.0.0 Ok\r\n", false),
                _ => ("421 4.3.2 Service not available, closing transmission channel\r\n", true),
            };
            Assert.True(expected == (reply, ends), $"{what}: {verb} {reply}");
        }
    }
}
