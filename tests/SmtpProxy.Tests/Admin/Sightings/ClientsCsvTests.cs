using SmtpProxy.Admin.Sightings;

namespace SmtpProxy.Tests.Admin.Sightings;

/// <summary>Clients as a file for a spreadsheet.</summary>
public sealed class ClientsCsvTests
{
    [Theory]
    [InlineData("mx.example", "mx.example")]
    [InlineData(null, "")]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("+1", "'+1")]
    [InlineData("-A1", "'-A1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\"")]
    [InlineData("a,b", "\"a,b\"")]
    public void Field_OfWhatOthersChose_IsNoFormula_AndOneField(string? text, string field) =>
        Assert.Equal(field, ClientsCsv.Field(text));

    [Fact]
    public void Client_WhoseMechanismLooksLikeAFormula_IsOneLineOfText()
    {
        var client = new SeenClient(
            "192.0.2.7", "-helo", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1, 2, 3, 4, ["inbound"], [25],
            new ClientTlsView(true, false, [], 1), new ClientAuthView(["-A1", "PLAIN"], 1), ["clear"], "-name");
        var lines = ClientsCsv.Of([client]).Split("\r\n");
        Assert.Equal(
            "192.0.2.7,'-helo,1970-01-01T00:00:00.0000000+00:00,1970-01-01T00:00:00.0000000+00:00,1,2,3,4,inbound,25,true,false,,1,"
            + "'-A1 PLAIN,1,clear,'-name", lines[1]);
        Assert.Equal(lines[0].Split(',').Length, lines[1].Split(',').Length);
    }
}
