using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Tests.Configuration;

public sealed class DidYouMeanTests
{
    [Theory]
    [InlineData("Adress", "Address")]
    [InlineData("adress", "Address")]
    [InlineData("Drian", "Drain")]
    [InlineData("Clusters", "Cluster")]
    [InlineData("Colour", null)]
    public void Nearest_AName_IsTheOneThatWasMeant(string unknown, string? meant) =>
        Assert.Equal(meant, DidYouMean.Nearest(unknown, ["Address", "Cluster", "Drain"]));

    [Fact]
    public void Hint_NothingNear_NamesAllThereIs() =>
        Assert.Equal("known here: Address, Cluster", DidYouMean.Hint("Colour", ["Address", "Cluster"]));
}
