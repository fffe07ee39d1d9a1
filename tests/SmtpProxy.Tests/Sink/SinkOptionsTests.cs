using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

public sealed class SinkOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreFine() => Assert.Empty(new SinkOptions().Validate());

    public static TheoryData<SinkOptions, string> Wrong => new()
    {
        { new SinkOptions { Address = "127.0.0.1" }, "SmtpProxy:Sink:Address" },
        { new SinkOptions { Address = "2526" }, "SmtpProxy:Sink:Address" },
        { new SinkOptions { Address = "localhost:2526" }, "SmtpProxy:Sink:Address" },
        { new SinkOptions { Address = "127.0.0.1:70000" }, "SmtpProxy:Sink:Address" },
        { new SinkOptions { LmtpAddress = "" }, "SmtpProxy:Sink:LmtpAddress" },
        { new SinkOptions { LmtpAddress = "127.0.0.1:2526" }, "SmtpProxy:Sink:LmtpAddress" },
        { new SinkOptions { HostName = null! }, "SmtpProxy:Sink:HostName" },
        { new SinkOptions { Address = null! }, "SmtpProxy:Sink:Address" },
        { new SinkOptions { HostName = "" }, "SmtpProxy:Sink:HostName" },
        { new SinkOptions { HostName = "a b" }, "SmtpProxy:Sink:HostName" },
        { new SinkOptions { MaxSize = -1 }, "SmtpProxy:Sink:MaxSize" },
        { new SinkOptions { Keep = -1 }, "SmtpProxy:Sink:Keep" },
        { new SinkOptions { MaxRecipients = 0 }, "SmtpProxy:Sink:MaxRecipients" },
        { new SinkOptions { Memory = -1 }, "SmtpProxy:Sink:Memory" },
        { new SinkOptions { Memory = 65_535 }, "SmtpProxy:Sink:Memory" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_Wrong_NamesTheKeyAndTheRemedy(SinkOptions options, string key) =>
        Assert.StartsWith(key + ":", Assert.Single(options.Validate()), StringComparison.Ordinal);

    [Theory]
    [InlineData("[::1]:2526")]
    [InlineData("0.0.0.0:0")]
    public void Validate_AddressAndPort_IsFine(string address) =>
        Assert.Empty(new SinkOptions { Address = address, LmtpAddress = "127.0.0.1:0" }.Validate());
}
