using System.Text;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol.Tests.Commands;

public sealed class ChunkSizeTests
{
    [Theory]
    [InlineData("5", 5, false, true)]
    [InlineData("5 LAST", 5, true, true)]
    [InlineData("5\tlast \t", 5, true, true)]
    [InlineData("0 LAST", 0, true, true)]
    [InlineData("18446744073709551615", long.MaxValue, false, true)]
    [InlineData("18446744073709551616", -1, false, false)]
    [InlineData("5 x", -1, false, false)]
    [InlineData("5 LAST LAST", -1, false, false)]
    [InlineData(" LAST", -1, false, false)]
    [InlineData("-1", -1, false, false)]
    [InlineData("+1", -1, false, false)]
    [InlineData("5x", -1, false, false)]
    [InlineData("/", -1, false, false)]
    [InlineData(":", -1, false, false)]
    [InlineData("", -1, false, false)]
    [InlineData("90 LAST", 90, true, true)]
    public void TryParse_OfArguments_IsSizeAndLast(string arguments, long size, bool last, bool isRead) =>
        Assert.Equal((isRead, size, last), (ChunkSize.TryParse(Encoding.ASCII.GetBytes(arguments), out var s, out var l), s, l));
}
