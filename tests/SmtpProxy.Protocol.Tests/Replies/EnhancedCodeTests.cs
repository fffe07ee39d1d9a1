using System.Text;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests.Replies;

public sealed class EnhancedCodeTests
{
    [Theory]
    [InlineData("2.1.0 ok", "2.1.0")]
    [InlineData("4.7.1", "4.7.1")]
    [InlineData("5.999.999 x", "5.999.999")]
    [InlineData("5.12.34 x", "5.12.34")]
    [InlineData("3.1.0 ok", "")]
    [InlineData("2.1.0ok", "")]
    [InlineData("2.1000.0", "")]
    [InlineData("2.1.1000", "")]
    [InlineData("2.1", "")]
    [InlineData("2.1.", "")]
    [InlineData("2..10", "")]
    [InlineData("2-1.0 x", "")]
    [InlineData("2.1-0 x", "")]
    public void Read_OfAText_IsTheCodeThatItBeginsWith(string text, string code)
    {
        var read = EnhancedCode.Read(Encoding.ASCII.GetBytes(text));
        Assert.Equal((code, code.Length > 0), (read.ToString(), read.IsPresent));
    }
}
