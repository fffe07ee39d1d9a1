using System.Globalization;
using SmtpProxy.Listening;

namespace SmtpProxy.Tests.Listening;

public sealed class SystemdSocketsTests
{
    [Fact]
    public void Take_ByName_EachOnce()
    {
        var sockets = Read("7", "3", "in:submission:in");
        Assert.Equal((3, 5, null, 4), (sockets.Take("in"), sockets.Take("in"), sockets.Take("in"), sockets.Take("submission")));
        Assert.Equal("none", sockets.Names);
    }

    [Fact]
    public void Take_WithoutNames_AllAreUnknown()
    {
        var sockets = Read("7", "2", null);
        Assert.Equal("unknown, unknown", sockets.Names);
        Assert.Equal(3, sockets.Take("unknown"));
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData("8", "1")]
    [InlineData("7", null)]
    [InlineData("7", "x")]
    public void Take_WhenNothingWasPassedToThisProcess_IsNothing(string? process, string? count) =>
        Assert.Null(Read(process, count, "in").Take("in"));

    private static SystemdSockets Read(string? process, string? count, string? names) => SystemdSockets.Read(
        name => name switch { "LISTEN_PID" => process, "LISTEN_FDS" => count, "LISTEN_FDNAMES" => names, _ => null },
        int.Parse("7", CultureInfo.InvariantCulture));
}
