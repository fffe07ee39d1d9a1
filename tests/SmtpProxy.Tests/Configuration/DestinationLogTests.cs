using System.Collections;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Tests.Configuration;

public sealed class DestinationLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smtpproxy-").FullName;

    [Theory]
    [InlineData("10.0.0.5", true)]
    [InlineData("198.51.100.5,fd00::5", true)]
    [InlineData("198.51.100.5,2001:db8::5", false)]
    [InlineData("", false)]
    public async Task Start_WithARelayGivenByName_WarnsWhereItLeadsToAPrivateNetwork(string addresses, bool isWarned)
    {
        var log = new Lines();
        var asked = new TaskCompletionSource<string>();
        using var configuration = Configuration("""{ "mx": { "Address": "smtp://mx.example.org" } }""");
        using var service = new DestinationLog(configuration, (host, _) =>
        {
            asked.SetResult(host);
            return addresses.Length > 0 ? Task.FromResult(addresses.Split(',').Select(IPAddress.Parse).ToArray())
                : throw new SocketException((int)SocketError.HostNotFound);
        }, log);
        await service.StartAsync(CancellationToken.None);
        Assert.Equal("mx.example.org", await asked.Task);
        // The answer was there at once: what there is to say has been said.
        Assert.Equal(isWarned, log.All.Reader.TryRead(out var line));
        Assert.Equal(isWarned, line?.Contains("mx (smtp://mx.example.org:25) sees the proxy's address", StringComparison.Ordinal) == true);
        await service.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Reload_ToARelayThatMayBeOpen_SaysSoOnce()
    {
        var log = new Lines();
        using var configuration = Configuration("""{ "mx": { "Address": "smtp://198.51.100.1" } }""");
        using var service = new DestinationLog(configuration, static (_, _) => throw new SocketException(), log);
        await service.StartAsync(CancellationToken.None);
        Assert.False(log.All.Reader.TryRead(out _));
        Write("""{ "mx": { "Address": "smtp://10.0.0.1" } }""");
        Assert.Contains("mx (smtp://10.0.0.1:25)", await log.All.Reader.ReadAsync(), StringComparison.Ordinal);
        await service.StopAsync(CancellationToken.None);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ValidatedConfiguration Configuration(string destinations)
    {
        Write(destinations);
        return new ValidatedConfiguration(new ConfigurationLayers([_folder], "Test", Overrides.None, new Hashtable()));
    }

    private void Write(string destinations) => File.WriteAllText(Path.Combine(_folder, "appsettings.json"), $$"""
        {
          "SmtpProxy": { "Listeners": { "inbound": { "Address": "0.0.0.0:25" } } },
          "ReverseProxy": { "Clusters": { "relays": { "Destinations": {{destinations}} } } },
          "Kestrel": { "Endpoints": { "Admin": { "Url": "http://127.0.0.1:9025" } } }
        }
        """);

    private sealed class Lines : ILogger<DestinationLog>
    {
        public Channel<string> All { get; } = Channel.CreateUnbounded<string>();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            All.Writer.TryWrite(formatter(state, exception));
    }
}
