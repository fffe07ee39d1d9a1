using System.Text;
using SmtpProxy.Sessions.Replies;

namespace SmtpProxy.Tests.Sessions.Replies;

public sealed class EhloReplyTests
{
    [Theory]
    [InlineData("250-mx at your service\r\n250-SIZE\r\n250 HELP\r\n", "250 mx at your service\r\n")]
    [InlineData("250 mx\r\n", "250 mx\r\n")]
    [InlineData("250\r\n", "250\r\n")]
    [InlineData("250-\n250 x\n", "250 \n")]
    public void ToHelo_OfAReplyToEhlo_IsItsFirstLineAlone(string reply, string expected) =>
        Assert.Equal(expected, Encoding.ASCII.GetString(EhloReply.ToHelo(Encoding.ASCII.GetBytes(reply))));
}
