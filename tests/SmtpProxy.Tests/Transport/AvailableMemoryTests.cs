using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Transport;

public sealed class AvailableMemoryTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(64 * MiB, 8 * MiB)]
    [InlineData(2048 * MiB, 256 * MiB)]
    [InlineData(1024 * 1024 * MiB, 256 * MiB)]
    public void Share_OfMemory_IsAPartOfIt_UpToAFixedFigure(long available, long share) =>
        Assert.Equal(share, AvailableMemory.ShareOf(available, 256 * MiB, 8));

    [Fact]
    public void Share_OfUnknownMemory_IsAboveZero_ForZeroIsNoCap() => Assert.Equal(1, AvailableMemory.ShareOf(0, 10_000, 64 * 1024));

    [Fact]
    public void Octets_OfThisProcess_AreKnown() => Assert.InRange(AvailableMemory.Octets, MiB, long.MaxValue);
}
