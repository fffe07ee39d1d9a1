using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Epoll;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.FunctionalTests.Transport.Epoll;

/// <summary>An epoll transport with one listener on loopback, and what it logs.</summary>
internal sealed class EpollRig : IAsyncDisposable
{
    private readonly EpollTransport _transport;

    public EpollRig(int loops, Func<IPairHandler> accept)
    {
        Skip.IfNot(EpollTransport.IsSupported, "epoll is a part of Linux");
        _transport = new EpollTransport(new EpollTransportOptions { Loops = loops }, Log, new ConnectionBudget());
        Address = (IPEndPoint)_transport.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenOptions(), _ => accept()).Address;
    }

    public IPEndPoint Address { get; }

    public MessageLog Log { get; } = new();

    public ITransport Transport => _transport;

    public async Task<Socket> Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Address).WaitAsync(Rig.Patience);
        return socket;
    }

    public ValueTask DisposeAsync() => _transport.DisposeAsync();

    /// <summary>Keeps what is logged.</summary>
    internal sealed class MessageLog : ILogger<EpollTransport>
    {
        private readonly ConcurrentQueue<string> _messages = new();
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyCollection<string> Messages => _messages;

        /// <summary>Completes with the first message.</summary>
        public Task First => _first.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            _messages.Enqueue(formatter(state, exception));
            _first.TrySetResult();
        }
    }
}
