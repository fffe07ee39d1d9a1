using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Tests.Telemetry.Tracing;

public sealed class StandardSamplerTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("", "0.5", null)]
    [InlineData("always_on", null, 1.0)]
    [InlineData("ALWAYS_OFF", null, 0.0)]
    [InlineData("traceidratio", "0.25", 0.25)]
    [InlineData("traceidratio", null, 1.0)]
    [InlineData("parentbased_traceidratio", "0", 0.0)]
    [InlineData("parentbased_always_on", null, 1.0)]
    public void Read_OfTheVariables_IsTheShareTheyAskFor(string? sampler, string? argument, double? share)
    {
        var configuration = Configuration(sampler, argument);
        Assert.Equal(share, StandardSampler.Read(configuration)?.Share);
        Assert.Empty(StandardSampler.Check(configuration));
    }

    [Theory]
    [InlineData("jaeger_remote", null, "OTEL_TRACES_SAMPLER: 'jaeger_remote' is not supported")]
    [InlineData("xray", null, "OTEL_TRACES_SAMPLER: 'xray' is not supported")]
    [InlineData("parentbased_jaeger_remote", null, "OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote' is not supported")]
    [InlineData("traceidratio", "2", "OTEL_TRACES_SAMPLER_ARG: '2' is not a share from 0 to 1, such as 0.1")]
    [InlineData("traceidratio", "half", "OTEL_TRACES_SAMPLER_ARG: 'half' is not a share from 0 to 1, such as 0.1")]
    public void Check_OfWhatCannotBeDone_NamesItAndTheRemedy(string sampler, string? argument, string problem) =>
        Assert.StartsWith(problem, Assert.Single(StandardSampler.Check(Configuration(sampler, argument))), StringComparison.Ordinal);

    [Fact]
    public void Tracer_WithASampler_AsksNothingElse()
    {
        using var meter = new Meter("test");
        using var all = new SessionTracer(new TelemetryOptions { SampleShare = 0, MaxTracesPerSecond = 0 }, new Instruments(meter),
            new StandardSampler(1));
        Assert.True(all.Draw() && all.TryTake(KeepReason.Head, 0) && all.TryTakeTransaction(KeepReason.Error, 0));
        using var none = new SessionTracer(new TelemetryOptions { SampleShare = 1 }, new Instruments(meter), new StandardSampler(0));
        Assert.False(none.Draw() || none.TryTake(KeepReason.Error, 0) || none.TryTakeTransaction(KeepReason.Error, 0));
    }

    private static IConfiguration Configuration(string? sampler, string? argument) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?>
            { ["OTEL_TRACES_SAMPLER"] = sampler, ["OTEL_TRACES_SAMPLER_ARG"] = argument }).Build();
}
