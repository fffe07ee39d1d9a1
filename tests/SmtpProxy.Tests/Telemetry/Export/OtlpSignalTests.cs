using Microsoft.Extensions.Configuration;
using SmtpProxy.Telemetry.Export;

namespace SmtpProxy.Tests.Telemetry.Export;

public sealed class OtlpSignalTests
{
    private const string Common = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Fact]
    public void Push_WithoutAnEndpoint_IsOff() => Assert.False(Signal().IsOn);

    [Fact]
    public void Push_OfTheCommonEndpoint_LeavesItToTheSdk()
    {
        var signal = Signal((Common, "http://collector:4318"));
        Assert.True(signal.IsOn);
        // The SDK puts the kind's path behind it.
        Assert.Null(signal.Endpoint);
    }

    [Fact]
    public void Push_OfOneKind_HasItsOwn()
    {
        (string, string)[] variables =
        [
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://tempo:4318/v1/traces"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x=y"),
        ];
        var traces = Signal(variables);
        Assert.Equal((true, "http://tempo:4318/v1/traces", "http/protobuf", "x=y"),
            (traces.IsOn, traces.Endpoint?.ToString(), traces.Protocol, traces.Headers));
        Assert.False(new OtlpSignal(Configuration(variables), "METRICS").IsOn);
    }

    [Theory]
    [InlineData("OTEL_TRACES_EXPORTER", "none", false)]
    [InlineData("OTEL_TRACES_EXPORTER", "console, otlp", true)]
    [InlineData("OTEL_METRICS_EXPORTER", "none", true)]
    [InlineData("OTEL_SDK_DISABLED", "true", false)]
    public void Push_SwitchedOff_IsOff(string variable, string value, bool isOn) =>
        Assert.Equal(isOn, Signal((Common, "http://collector:4317"), (variable, value)).IsOn);

    [Theory]
    [InlineData(Common, "collector:4317",
        "OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' is not a URL; write one such as http://collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "/v1/logs",
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: '/v1/logs' is not a URL; write one such as http://collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' is not one of grpc, http/protobuf")]
    [InlineData("OTEL_SDK_DISABLED", "1", "OTEL_SDK_DISABLED: '1' is not true or false")]
    public void Check_OfAVariable_NamesItAndTheRemedy(string variable, string value, string problem) =>
        Assert.Equal([problem], OtlpSignal.Check(Configuration((variable, value))));

    [Fact]
    public void Check_OfGoodVariables_IsSilent() =>
        Assert.Empty(OtlpSignal.Check(Configuration((Common, "https://collector:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"))));

    private static OtlpSignal Signal(params (string, string)[] variables) => new(Configuration(variables), "TRACES");

    private static IConfiguration Configuration(params (string Key, string Value)[] variables) =>
        new ConfigurationBuilder().AddInMemoryCollection(variables.ToDictionary(v => v.Key, v => (string?)v.Value)).Build();
}
