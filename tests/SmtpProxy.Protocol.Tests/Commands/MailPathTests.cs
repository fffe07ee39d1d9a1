using System.Text;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol.Tests.Commands;

public sealed class MailPathTests
{
    [Theory]
    [InlineData("FROM:<a@b> SIZE=9 ", "a@b", "a@b", "SIZE=9", true)]
    [InlineData("FROM: \t<a@b>", "a@b", "a@b", "", true)]
    [InlineData("FROM:<>", "", "", "", true)]
    [InlineData("FROM:", "", "", "", false)]
    [InlineData("FROM:a@b X", "a@b", "a@b", "X", true)]
    [InlineData("FROM:a@b\tX", "a@b", "a@b", "X", true)]
    [InlineData("FROM:a@b", "a@b", "a@b", "", true)]
    [InlineData("<a@b> X", "a@b", "a@b", "X", true)]
    [InlineData(":<a@b> X", "a@b", "a@b", "X", true)]
    [InlineData("TO:<@x,@y:a@b> X", "@x,@y:a@b", "a@b", "X", true)]
    [InlineData("TO:<@x>", "@x", "@x", "", true)]
    [InlineData("TO:<\"a>b\"@c> X", "\"a>b\"@c", "\"a>b\"@c", "X", true)]
    [InlineData("TO:<\"a\\\">b\"@c> X", "\"a\\\">b\"@c", "\"a\\\">b\"@c", "X", true)]
    [InlineData("TO:<a\\>b> X", "a\\", "a\\", "b> X", true)]
    [InlineData("TO:<a@b", "a@b", "a@b", "", true)]
    public void Parse_OfArguments_IsAddressAndParameters(string text, string path, string address, string parameters, bool exists)
    {
        var read = MailPath.Parse(Encoding.ASCII.GetBytes(text));
        Assert.Equal((path, address, parameters, exists), (Encoding.ASCII.GetString(read.Path), Encoding.ASCII.GetString(read.Address),
            Encoding.ASCII.GetString(read.Parameters), read.Exists));
    }
}
