using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SmtpProxy.Cli.Running;

namespace SmtpProxy.Tests.Cli.Running;

public sealed class AdminWarmUpTests
{
    [Fact]
    public async Task Run_TheProcessIsToldToStopMeanwhile_EndsWithoutAnAnswerAndWarnsOfNothing()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var stopping = new CancellationTokenSource();
        var log = new Warnings();
        var running = AdminWarmUp.RunAsync([$"http://{server.LocalEndpoint}"], token: null, log, stopping.Token);
        using var asked = await server.AcceptTcpClientAsync();
        Assert.False(running.IsCompleted);
        await stopping.CancelAsync();
        await running;
        Assert.Equal(0, log.Count);
    }

    private sealed class Warnings : ILogger
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Count++;
    }
}
