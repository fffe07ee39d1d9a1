using System.Text;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests.Replies;

public sealed class ReplyTests
{
    [Theory]
    [InlineData("250 ok\r\n", 250, 1, "ok")]
    [InlineData("250-a\r\n250 b\r\n", 250, 2, "b")]
    [InlineData("250-a\n050 x\n250 b\n", 250, 2, "b")]
    public void TryRead_OfAReply_TakesTheLastLineThatAnswers(string text, int code, int lines, string last)
    {
        Assert.True(Reply.TryRead(Encoding.ASCII.GetBytes(text), out var reply));
        Assert.Equal((code, lines, last), (reply.Code, reply.Lines, Encoding.ASCII.GetString(reply.Text)));
        Assert.False(Reply.TryRead("050 x\r\n"u8, out _));
    }
}
