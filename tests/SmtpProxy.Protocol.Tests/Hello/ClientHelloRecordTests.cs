using SmtpProxy.Protocol.Hello;

namespace SmtpProxy.Protocol.Tests.Hello;

public sealed class ClientHelloRecordTests
{
    [Theory]
    [InlineData("160301002c0100002800", Plausibility.Plausible)]
    [InlineData("160300000501000001", Plausibility.Plausible)]
    [InlineData("160304400001003ffc", Plausibility.Plausible)]
    [InlineData("160301000501000100", Plausibility.Plausible)]
    [InlineData("160301000601000001", Plausibility.Implausible)]
    [InlineData("160301000501000000", Plausibility.Implausible)]
    [InlineData("160301000401", Plausibility.Implausible)]
    [InlineData("1603010004", Plausibility.Implausible)]
    [InlineData("1603014001", Plausibility.Implausible)]
    [InlineData("16030141", Plausibility.Implausible)]
    [InlineData("160305", Plausibility.Implausible)]
    [InlineData("1602", Plausibility.Implausible)]
    [InlineData("17", Plausibility.Implausible)]
    [InlineData("160301000502", Plausibility.Implausible)]
    [InlineData("16030100050101", Plausibility.Implausible)]
    [InlineData("", Plausibility.Undecided)]
    [InlineData("16", Plausibility.Undecided)]
    [InlineData("16030440", Plausibility.Undecided)]
    [InlineData("1603014000", Plausibility.Undecided)]
    [InlineData("1603010005010000", Plausibility.Undecided)]
    public void Judge_OfTheFirstOctets_TellsAClientHello(string octets, Plausibility plausibility) =>
        Assert.Equal(plausibility, ClientHelloRecord.Judge(Convert.FromHexString(octets)));

    [Fact]
    public void RecordTypes_AreFive() => Assert.Equal(
        [0x14, 0x15, 0x16, 0x17, 0x18], Enumerable.Range(0, 256).Where(static n => ClientHelloRecord.IsRecordType((byte)n)));
}
