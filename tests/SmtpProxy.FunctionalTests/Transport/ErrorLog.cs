using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>Keeps what is logged as an error.</summary>
internal sealed class ErrorLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(string Message, Exception? Cause)> _errors = new();

    public IReadOnlyCollection<(string Message, Exception? Cause)> Errors => _errors;

    /// <summary>Where it is full, it throws as it keeps a line.</summary>
    public bool IsFull { get; set; }

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _errors.Enqueue((formatter(state, exception), exception));
            if (IsFull)
            {
                throw new AggregateException("an output is full");
            }
        }
    }

    public void Dispose()
    {
    }
}
