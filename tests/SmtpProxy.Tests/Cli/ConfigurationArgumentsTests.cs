using SmtpProxy.Cli;

namespace SmtpProxy.Tests.Cli;

public sealed class ConfigurationArgumentsTests
{
    [Fact]
    public void Split_BothForms_AreTakenOutAndTheRestStays()
    {
        var split = ConfigurationArguments.Split(
            ["check", "--SmtpProxy:Limits:Drain=00:00:05", "--listen", "127.0.0.1:0", "--Kestrel:Endpoints:Admin:Url", "http://127.0.0.1:0",
                "--listen=[::1]:0"]);
        Assert.Equal(["check", "--listen", "127.0.0.1:0", "--listen=[::1]:0"], split.Rest);
        Assert.Equal("00:00:05", split.Values["SmtpProxy:Limits:Drain"]);
        Assert.Equal("http://127.0.0.1:0", split.Values["Kestrel:Endpoints:Admin:Url"]);
        Assert.Empty(split.Problems);
    }

    [Fact]
    public void Split_AValueWithEqualsSigns_IsKeptWhole() =>
        Assert.Equal("a=b=", ConfigurationArguments.Split(["--SmtpProxy:Privacy:HashKey=a=b="]).Values["SmtpProxy:Privacy:HashKey"]);

    [Theory]
    [InlineData("--SmtpProxi:X=1", "did you mean SmtpProxy?")]
    [InlineData("--SmtpProxy:Journal:Path", "write --SmtpProxy:Journal:Path=VALUE")]
    public void Split_WhatCannotBe_IsToldWithTheRemedy(string argument, string remedy) =>
        Assert.Contains(remedy, Assert.Single(ConfigurationArguments.Split([argument, "--journal", "-"]).Problems),
            StringComparison.Ordinal);
}
