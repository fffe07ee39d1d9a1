using System.Collections;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Tests.Configuration;

public sealed class SettingsEnvironmentTests
{
    [Theory]
    [InlineData("SmtpProxy__Limits__Drain", "SmtpProxy:Limits:Drain")]
    [InlineData("SMTPPROXY__LIMITS__DRAIN", "SMTPPROXY:LIMITS:DRAIN")]
    [InlineData("SmtpProxy:Limits:Drain", "SmtpProxy:Limits:Drain")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")]
    public void Read_AVariableOfOurs_IsASetting(string name, string key)
    {
        var setting = Assert.Single(SettingsEnvironment.Read(new Hashtable { [name] = "v" }, out var problems));
        Assert.Empty(problems);
        Assert.Equal((key, "v", $"(set by the environment variable {name})"), (setting.Key, setting.Value, setting.Origin.ToString()));
    }

    [Theory]
    [InlineData("SMTPPROXY")]
    [InlineData("SmtpProxy")]
    [InlineData("KESTREL")]
    [InlineData("LOGGING")]
    [InlineData("SMTPPROXY_PORT")]
    [InlineData("SMTPPROXY_SERVICE_HOST")]
    [InlineData("SMTPPROXY_SERVICE_PORT")]
    [InlineData("SMTPPROXY_SERVICE_PORT_SMTP")]
    [InlineData("SMTPPROXY_PORT_25_TCP")]
    [InlineData("SMTPPROXY_PORT_25_TCP_PROTO")]
    [InlineData("SMTPPROXY_PORT_25_TCP_PORT")]
    [InlineData("SMTPPROXY_PORT_25_TCP_ADDR")]
    [InlineData("SMTPPROXY_ADMIN_SERVICE_PORT_HTTP")]
    [InlineData("SMTPPROXY_LIMITS_PORT_9025_TCP_ADDR")]
    [InlineData("SMTPPROXY_NAME")]
    [InlineData("SMTPPROXY_ENV_PATH")]
    [InlineData("SMTPPROXY_TOKEN")]
    [InlineData("SMTPPROXY_TOKEN_2")]
    [InlineData("SMTPPROXY_TOKENS")]
    [InlineData("HTTPPROXY_TOKEN")]
    [InlineData("DOTNET_ENVIRONMENT")]
    [InlineData("ASPNETCORE_ENVIRONMENT")]
    [InlineData("SMTPPROXY_PEERS")]
    [InlineData("SMTPPROXY_SINK")]
    [InlineData("HTTPPROXY__HOST")]
    [InlineData("LOGIN__URL")]
    [InlineData("POSTFIX__RELAYHOST")]
    [InlineData("ASPNETCORE_URLS")]
    [InlineData("__CF_USER_TEXT_ENCODING")]
    public void Read_AVariableOfOthers_IsLeftAlone(string name)
    {
        Assert.Empty(SettingsEnvironment.Read(new Hashtable { [name] = "tcp://10.0.0.1:25" }, out var problems));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("SmtpPorxy__Limits__Drain", "SmtpProxy__Limits__Drain")]
    [InlineData("SMTPROXY__LIMITS__DRAIN", "SmtpProxy__LIMITS__DRAIN")]
    [InlineData("ReverseProxi__Clusters__relays__Destinations__mx__Address", "ReverseProxy__Clusters__relays__Destinations__mx__Address")]
    [InlineData("Kestral__Endpoints__Admin__Url", "Kestrel__Endpoints__Admin__Url")]
    [InlineData("Loging__LogLevel__Default", "Logging__LogLevel__Default")]
    [InlineData("SmtpProxy_Limits_Drain", "SmtpProxy__Limits__Drain")]
    [InlineData("SMTPPROXY_LISTENERS__inbound__ADDRESS", "SmtpProxy__LISTENERS__inbound__ADDRESS")]
    [InlineData("ASPNETCORE_Kestrel__Certificates__Default__Path", "Kestrel__Certificates__Default__Path")]
    [InlineData("DOTNET_SmtpProxy__Limits__Drain", "SmtpProxy__Limits__Drain")]
    public void Read_AVariableWrittenWrongly_IsAProblemWithoutTheValue_AndJudgedAsWhatWasMeant(string name, string meant)
    {
        var setting = Assert.Single(SettingsEnvironment.Read(new Hashtable { [name] = "hunter2" }, out var problems));
        Assert.Equal($"{name}: is not read; did you mean {meant}?", Assert.Single(problems).Text);
        Assert.Equal(meant.Replace("__", ":", StringComparison.Ordinal), setting.Key);
    }

    [Theory]
    [InlineData("SMTPPROXY_TOKKEN", "SMTPPROXY_TOKEN")]
    [InlineData("SMTPPROXY_TOEKN", "SMTPPROXY_TOKEN")]
    [InlineData("SMTPROXY_TOKEN", "SMTPPROXY_TOKEN")]
    [InlineData("SMTP_PROXY_TOKEN", "SMTPPROXY_TOKEN")]
    [InlineData("DOTNET_ENVIROMENT", "DOTNET_ENVIRONMENT")]
    [InlineData("ASPNETCORE_ENVIRONMNET", "ASPNETCORE_ENVIRONMENT")]
    public void Read_AVariableThatIsNoSetting_WrittenWrongly_IsAProblemWithoutTheValue(string name, string meant)
    {
        Assert.Empty(SettingsEnvironment.Read(new Hashtable { [name] = "hunter2" }, out var problems));
        Assert.Equal($"{name}: is not read; did you mean {meant}?", Assert.Single(problems).Text);
    }

    [Fact]
    public void Read_TwoVariablesThatDifferInCapitals_AreAProblem()
    {
        _ = SettingsEnvironment.Read(new Hashtable { ["SmtpProxy__Limits__Drain"] = "1", ["SMTPPROXY__LIMITS__DRAIN"] = "2" },
            out var problems);
        Assert.Equal(
            "SmtpProxy__Limits__Drain: is the same setting as the variable SMTPPROXY__LIMITS__DRAIN: capitals do not count; remove one " +
                "of them", Assert.Single(problems).Text);
    }
}
