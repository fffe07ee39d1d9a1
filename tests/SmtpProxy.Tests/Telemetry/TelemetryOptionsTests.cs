using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Tests.Telemetry;

public sealed class TelemetryOptionsTests
{
    [Theory]
    [InlineData("none", null)]
    [InlineData("domain", null)]
    [InlineData("FULL", null)]
    [InlineData("hash", "0123456789abcdef")]
    public void Privacy_Right_IsAccepted(string addresses, string? key) =>
        Assert.Empty(new PrivacyOptions { Addresses = addresses, HashKey = key }.Validate());

    [Theory]
    [InlineData("some", null, "SmtpProxy:Privacy:Addresses: 'some' is not one of none, domain, hash, full")]
    [InlineData("", null, "SmtpProxy:Privacy:Addresses: '' is not one of none, domain, hash, full")]
    [InlineData("hash", null,
        "SmtpProxy:Privacy:HashKey: missing, and SmtpProxy:Privacy:Addresses is 'hash'; set a secret of at least 16 characters, or " +
            "choose none or domain")]
    [InlineData("hash", "short",
        "SmtpProxy:Privacy:HashKey: has 5 characters; at least 16 are needed, or addresses can be found by trying")]
    public void Privacy_Wrong_NamesKeyAndRemedy(string addresses, string? key, string message) =>
        Assert.Equal([message], new PrivacyOptions { Addresses = addresses, HashKey = key }.Validate());

    [Fact]
    public void Privacy_Wrong_LetsNothingThrough() => Assert.False(new PrivacyOptions { Addresses = "hash" }.ToFilter().Shows);

    [Theory]
    [InlineData(null)]
    [InlineData("-")]
    [InlineData("journal.jsonl")]
    public void Journal_Right_IsAccepted(string? path) => Assert.Empty(new JournalOptions { Path = path }.Validate());

    [Fact]
    public void Journal_NoRoom_IsRefused() =>
        Assert.Equal(["SmtpProxy:Journal:MaxExchanges: 0 is not between 1 and 1000000",
            "SmtpProxy:Journal:QueueLength: -1 is not between 1 and 1000000"],
            new JournalOptions { MaxExchanges = 0, QueueLength = -1 }.Validate());

    [Fact]
    public void Telemetry_NegativeLimit_IsRefused() =>
        Assert.Equal(["SmtpProxy:Telemetry:CardinalityLimit: -1 is not between 0 (worked out) and 1000000"],
            new TelemetryOptions { CardinalityLimit = -1 }.Validate());
}
