using SmtpProxy.Configuration.Rules;

namespace SmtpProxy.Tests.Configuration;

public sealed class SettingsReaderTests
{
    [Fact]
    public void Read_WhatIsShipped_HasNoProblem()
    {
        var settings = SettingsReader.Read(Shipped(), out var problems);
        Assert.Empty(problems);
        Assert.Equal("127.0.0.1:2525", settings.Listeners["inbound"].Address);
        Assert.Equal(TimeSpan.FromMinutes(5), settings.Limits.Greeting);
    }

    [Theory]
    [InlineData("SmtpProxy:Listeners:inbound:Adress", "x",
        "SmtpProxy:Listeners:inbound:Adress is not a known setting; did you mean Address?")]
    [InlineData("SmtpProxy:Limit:Greeting", "00:05:00", "SmtpProxy:Limit is not a known setting; did you mean Limits?")]
    [InlineData("SmtpProxy:Sink:Enabled:Really", "true", "SmtpProxy:Sink:Enabled:Really is not a known setting")]
    [InlineData("SmtpProxy:Limits", "many", "SmtpProxy:Limits: has settings of its own")]
    [InlineData("SmtpProxy:Limits:Greeting", "5 minutes",
        "SmtpProxy:Limits:Greeting: \"5 minutes\" is not a time span; write hours:minutes:seconds, such as 00:05:00")]
    [InlineData("SmtpProxy:Limits:Greeting", "300", "SmtpProxy:Limits:Greeting: \"300\" is not a time span")]
    [InlineData("SmtpProxy:Limits:Greeting", "00:00:00", "SmtpProxy:Limits:Greeting: 00:00:00 is not above zero")]
    [InlineData("SmtpProxy:Limits:Write", "-00:00:01", "SmtpProxy:Limits:Write: -00:00:01 is not above zero")]
    [InlineData("SmtpProxy:Limits:Reply", "30.00:00:00", "SmtpProxy:Limits:Reply: 30.00:00:00 is longer than a day")]
    [InlineData("SmtpProxy:Limits:MaxSessions", "-1", "SmtpProxy:Limits:MaxSessions: -1 is negative; write 0 for no cap")]
    [InlineData("SmtpProxy:Limits:MaxSessions", "ten", "SmtpProxy:Limits:MaxSessions: \"ten\" is not a whole number")]
    [InlineData("SmtpProxy:Limits:MaxSessions", "99999999999",
        "SmtpProxy:Limits:MaxSessions: \"99999999999\" is not a whole number, or too large a one")]
    [InlineData("SmtpProxy:Sink:Enabled", "yes", "SmtpProxy:Sink:Enabled: \"yes\" is neither true nor false")]
    [InlineData("SmtpProxy:Transport", "kqueue", "SmtpProxy:Transport: \"kqueue\" is not one of Auto, Epoll, Portable")]
    [InlineData("SmtpProxy:Transport", "1", "SmtpProxy:Transport: \"1\" is not one of")]
    [InlineData("SmtpProxy:Listeners:inbound:Cluster", "relay",
        "SmtpProxy:Listeners:inbound:Cluster: there is no cluster 'relay' in ReverseProxy:Clusters; there is: relays")]
    [InlineData("SmtpProxy:Listeners:inbound:Address", "mx:25",
        "SmtpProxy:Listeners:inbound:Address: 'mx:25' does not begin with an IP address")]
    [InlineData("SmtpProxy:Listeners:inbound:Backlog", "0", "SmtpProxy:Listeners:inbound:Backlog: 0 is not between 1 and 65535")]
    [InlineData("SmtpProxy:Listeners:inbound:Allow", "example.org",
        "SmtpProxy:Listeners:inbound:Allow: 'example.org' is not a network; write ADDRESS or ADDRESS/BITS")]
    [InlineData("SmtpProxy:Listeners:inbound:Deny", "192.0.2.1/24",
        "SmtpProxy:Listeners:inbound:Deny: '192.0.2.1/24' has bits behind its prefix; write 192.0.2.0/24")]
    [InlineData("SmtpProxy:Listeners:inbound:MaxSessions", "-1",
        "SmtpProxy:Listeners:inbound:MaxSessions: -1 is negative; write 0 for no cap")]
    [InlineData("SmtpProxy:Listeners:inbound:ProxyProtocol", "Required",
        "SmtpProxy:Listeners:inbound:ProxyProtocolFrom: missing; name the networks whose PROXY headers are believed")]
    [InlineData("SmtpProxy:Listeners:inbound:ProxyProtocol", "V2",
        "SmtpProxy:Listeners:inbound:ProxyProtocol: \"V2\" is not one of Off, Optional, Required")]
    [InlineData("SmtpProxy:Listeners:inbound:ProxyProtocolFrom", "lb",
        "SmtpProxy:Listeners:inbound:ProxyProtocolFrom: 'lb' is not a network")]
    [InlineData("SmtpProxy:Listeners:inbound:ProxyProtocolTimeout", "00:00:00",
        "SmtpProxy:Listeners:inbound:ProxyProtocolTimeout: 00:00:00 is not above zero and at most 00:05:00")]
    [InlineData("SmtpProxy:Listeners:inbound:SocketMode", "0660",
        "SmtpProxy:Listeners:inbound:SocketMode: means something for unix:/path only; remove it")]
    [InlineData("SmtpProxy:Listeners:inbound:Address", "unix:in.sock",
        "SmtpProxy:Listeners:inbound:Address: 'unix:in.sock' is no path from the root")]
    [InlineData("SmtpProxy:Listeners:other:Address", "127.0.0.1:99",
        "SmtpProxy:Listeners:other:Cluster: missing; name the cluster that its sessions go to: relays")]
    [InlineData("SmtpProxy:Listeners:other:Address", "*:2525",
        "[::]:2525 is taken by SmtpProxy:Listeners:inbound:Address; give one of them another port")]
    [InlineData("SmtpProxy:Sink:Address", "127.0.0.1:2525",
        "SmtpProxy:Sink:Address: 127.0.0.1:2525 is taken by SmtpProxy:Listeners:inbound:Address")]
    [InlineData("Kestrel:Endpoints:Admin:Url", "http://127.0.0.1:2525",
        "Kestrel:Endpoints:Admin:Url: 127.0.0.1:2525 is taken by SmtpProxy:Listeners:inbound:Address")]
    [InlineData("Kestrel:Endpoints:Admin:Url", "http://localhost:2526/",
        "Kestrel:Endpoints:Admin:Url: 127.0.0.1:2526 is taken by SmtpProxy:Sink:Address")]
    [InlineData("SmtpProxy:Faults:Enabled", "true", "SmtpProxy:Faults:Enabled: faults are not allowed in the environment Production")]
    [InlineData("SmtpProxy:Faults:Rules:slow", "x", "SmtpProxy:Faults:Rules:slow: is no rule")]
    [InlineData("SmtpProxy:Faults:Rules:slow:At", "nowhere",
        "SmtpProxy:Faults:Rules:slow:At: \"nowhere\" is not one of connect, dial, greeting")]
    [InlineData("SmtpProxy:Faults:MaxTtl", "00:00:00", "SmtpProxy:Faults:MaxTtl: must be above 00:00:00")]
    [InlineData("SmtpProxy:Privacy:Addresses", "some", "SmtpProxy:Privacy:Addresses: 'some' is not one of")]
    [InlineData("ReverseProxy:Clusters:relays:Destinations:sink:Address", "mx:25",
        "ReverseProxy:Clusters:relays:Destinations:sink:Address: ")]
    [InlineData("Kestrel:Endpoints:Admin:Url", "127.0.0.1:9025",
        "Kestrel:Endpoints:Admin:Url: '127.0.0.1:9025' is not http://ADDRESS:PORT")]
    [InlineData("Kestrel:Endpoints:Admin:Url", "http://0.0.0.0:9025",
        "Kestrel:Endpoints:Admin:Url: http://0.0.0.0:9025 can be reached from other machines; set SmtpProxy:Admin:BearerToken")]
    public void Read_AWrongSetting_IsRefusedWithItsKeyAndTheRemedy(string key, string value, string problem)
    {
        var values = Shipped();
        values[key] = value;
        SettingsReader.Read(values, out var problems);
        Assert.Contains(problems, p => p.Text.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SmtpProxy:Listeners:other:Adress", "127.0.0.1:99", "SmtpProxy:Listeners:other:Cluster", "relays",
        "SmtpProxy:Listeners:other:Adress is not a known setting; did you mean Address?")]
    [InlineData("ReverseProxy:Clusters:relays:Destinations:mx:Adress", "smtp://mx", "X", "y",
        "ReverseProxy:Clusters:relays:Destinations:mx:Adress is not a known setting; did you mean Address?")]
    [InlineData("SmtpProxy:Listeners:other:Cluster", "relays", "X", "y", "SmtpProxy:Listeners:other:Address: missing; write ADDRESS:PORT")]
    [InlineData("SmtpProxy:Listeners:other:Address", "127.0.0.1:99", "X", "y",
        "SmtpProxy:Listeners:other:Cluster: missing; name the cluster")]
    public void Read_OneMistake_IsOneProblem(string key, string value, string second, string secondValue, string problem)
    {
        var values = Shipped();
        values.Remove("ReverseProxy:Clusters:relays:Destinations:sink:Address");
        values["ReverseProxy:Clusters:relays:Destinations:good:Address"] = "smtp://127.0.0.1:1";
        (values[key], values[second]) = (value, secondValue);
        SettingsReader.Read(values, out var problems);
        Assert.StartsWith(problem, Assert.Single(problems).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ManyWrongSettings_AllAreToldAtOnce()
    {
        var values = Shipped();
        values["SmtpProxy:Nonsense"] = "x";
        values["SmtpProxy:Limits:Greeting"] = "soon";
        values["SmtpProxy:Limits:Write"] = "-00:01:00";
        values["SmtpProxy:Listeners:inbound:Cluster"] = "nowhere";
        SettingsReader.Read(values, out var problems);
        Assert.Equal(
            ["SmtpProxy:Limits:Greeting", "SmtpProxy:Limits:Write", "SmtpProxy:Listeners:inbound:Cluster", "SmtpProxy:Nonsense"],
            problems.Select(static p => p.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Read_AKeyInCapitals_IsTheSameKey()
    {
        var values = Shipped();
        values["SMTPPROXY:LIMITS:DRAIN"] = "00:00:07";
        values["SMTPPROXY:LIMITS:DRIAN"] = "00:00:07";
        var settings = SettingsReader.Read(values, out var problems);
        Assert.Equal(TimeSpan.FromSeconds(7), settings.Limits.Drain);
        Assert.Equal("SmtpProxy:Limits:DRIAN is not a known setting; did you mean Drain?", Assert.Single(problems).Text);
    }

    [Theory]
    [InlineData("SmtpProxy:Admin:BearerToken")]
    [InlineData("SmtpProxy:Admin:BearerTokn")]
    [InlineData("SmtpProxy:Privacy:HashKey")]
    [InlineData("SmtpProxy:Privacy:HashKey:Inner")]
    public void Read_AWrongSecret_IsNotRepeated(string key)
    {
        var values = Shipped();
        values["SmtpProxy:Privacy:Addresses"] = "hash";
        values[key] = "hunter2";
        SettingsReader.Read(values, out var problems);
        Assert.NotEmpty(problems);
        Assert.DoesNotContain(problems, static p => p.Text.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_NoListenerAndNoServer_SaysWhatToWrite()
    {
        SettingsReader.Read(new Dictionary<string, string?>(), out var problems);
        Assert.Contains(problems, static p => p.Key == "SmtpProxy:Listeners");
        Assert.Contains(problems, static p => p.Key == "Kestrel:Endpoints:Admin:Url");
    }

    private static Dictionary<string, string?> Shipped() => new(StringComparer.OrdinalIgnoreCase)
    {
        ["SmtpProxy:Listeners:inbound:Address"] = "127.0.0.1:2525",
        ["SmtpProxy:Listeners:inbound:Cluster"] = "relays",
        ["SmtpProxy:Sink:Enabled"] = "true",
        ["SmtpProxy:Sink:Address"] = "127.0.0.1:2526",
        ["SmtpProxy:Privacy:Addresses"] = "none",
        ["ReverseProxy:Clusters:relays:Destinations:sink:Address"] = "smtp://127.0.0.1:2526",
        ["Kestrel:Endpoints:Admin:Url"] = "http://127.0.0.1:9025",
    };
}
