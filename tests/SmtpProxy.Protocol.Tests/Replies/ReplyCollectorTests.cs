using System.Text;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests.Replies;

public sealed class ReplyCollectorTests
{
    [Theory]
    [InlineData("250 ok\r\n", 250, 8)]
    [InlineData("250 ok\n", 250, 7)]
    [InlineData("250\r\n", 250, 5)]
    [InlineData("250-a\r\n250 b\r\n", 250, 14)]
    [InlineData("250-a\r\n451 b\r\n", 451, 14)]
    [InlineData("050 one moment\r\n250 ok\r\n", 250, 24)]
    [InlineData("250 ok\r\r\n", 250, 9)]
    [InlineData("250 ok\r\n221 bye\r\n", 250, 8)]
    public void Take_OfAReply_StopsAfterIt(string text, int code, int taken)
    {
        var octets = Encoding.ASCII.GetBytes(text);
        var whole = new ReplyCollector();
        Assert.Equal(taken, whole.Take(octets));
        Assert.Equal((code, false), (whole.Code, whole.IsHopeless));
        Assert.Equal(octets[..taken], whole.Octets);

        var single = new ReplyCollector();
        for (var n = 0; n < taken; n++)
        {
            Assert.Null(single.Code);
            Assert.Equal(1, single.Take(octets.AsSpan(n, 1)));
        }

        Assert.Equal((code, false), (single.Code, single.IsHopeless));
    }

    [Theory]
    [InlineData("hello\r\n250 ok\r\n", 7)]
    [InlineData("250-a\r\nhello\r\n", 14)]
    [InlineData("\n", 1)]
    [InlineData("\r\r\n", 3)]
    [InlineData("\r250 ok\r\n", 9)]
    public void Take_OfWhatIsNoReply_IsHopeless(string text, int taken)
    {
        var reply = new ReplyCollector();
        Assert.Equal(taken, reply.Take(Encoding.ASCII.GetBytes(text)));
        Assert.Equal((null, true), (reply.Code, reply.IsHopeless));
    }

    [Fact]
    public void Take_OfALineWithoutEnd_IsHopelessAt16Kibioctets()
    {
        var reply = new ReplyCollector();
        Assert.Equal(16_383, reply.Take(new byte[16_383]));
        Assert.False(reply.IsHopeless);
        Assert.Equal(1, reply.Take(new byte[2]));
        Assert.True(reply.IsHopeless);
    }

    [Theory]
    [InlineData("250-a\r\n050 x\r\n451 b\r\n", 451, "250-a\r\n451 b\r\n")]
    [InlineData("050 x\r\n", 0, "")]
    [InlineData("250 ok", 250, "250 ok")]
    [InlineData("250 ok\r\nhello\r\n", 250, "250 ok\r\nhello\r\n")]
    public void AnswerIn_AReply_LeavesOutWhatOnlyInforms(string text, int code, string lines)
    {
        var answer = ReplyCollector.AnswerIn(Encoding.ASCII.GetBytes(text));
        Assert.Equal((code, lines), (answer.Code, Encoding.ASCII.GetString(answer.Lines)));
        var reply = new ReplyCollector();
        reply.Take(Encoding.ASCII.GetBytes("050 x\r\n250 ok\r\n"));
        Assert.Equal("250 ok\r\n"u8.ToArray(), reply.Answer);
    }

    [Theory]
    [InlineData("250 ok\r\n", 250)]
    [InlineData("200 ok\r\n", 200)]
    [InlineData("599 ok\r\n", 599)]
    [InlineData("250-a\r\n250 b\r\n", 250)]
    [InlineData("250\r\n", 250)]
    [InlineData("199 no\r\n", 0)]
    [InlineData("600 no\r\n", 0)]
    [InlineData("250-a\r\n251 b\r\n", 0)]
    [InlineData("250-a\r\n", 0)]
    [InlineData("250 ok\n", 0)]
    [InlineData("250 o\rk\r\n", 0)]
    [InlineData("250 o\nk\r\n", 0)]
    [InlineData("250 ok\r\n250 ok\r\n", 0)]
    [InlineData("050 x\r\n250 ok\r\n", 0)]
    [InlineData("", 0)]
    public void IsWhole_OfOctets_IsOneReplyToTheLastOfThem(string text, int code)
    {
        Assert.Equal(code != 0, ReplyCollector.IsWhole(Encoding.ASCII.GetBytes(text), out var read));
        Assert.Equal(code, read);
    }

    [Fact]
    public void IsWhole_OfALineOf512Octets_IsTheLongest()
    {
        Assert.True(ReplyCollector.IsWhole(Encoding.ASCII.GetBytes("250 " + new string('x', 506) + "\r\n"), out _));
        Assert.False(ReplyCollector.IsWhole(Encoding.ASCII.GetBytes("250 " + new string('x', 507) + "\r\n"), out _));
    }
}
