using System.Diagnostics;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Tests.Transport.Native;

public sealed class TcpInfoTests
{
    [Theory]
    [InlineData(240, 120, 120)]
    [InlineData(40, 5000, 40)]
    [InlineData(40, 8, 0)]
    [InlineData(4, 4, 0)]
    public void Age_OfTheLastSegment_IsTheYoungerOne(int data, int acknowledgement, int milliseconds)
    {
        var info = new byte[TcpInfo.Length];
        BitConverter.TryWriteBytes(info.AsSpan(52), data);
        BitConverter.TryWriteBytes(info.AsSpan(56), acknowledgement);
        Assert.Equal(milliseconds * (Stopwatch.Frequency / 1000), TcpInfo.Age(info));
    }

    [Fact]
    public void Age_KernelTellsLess_IsNotKnown() => Assert.Equal(0, TcpInfo.Age(new byte[40]));
}
