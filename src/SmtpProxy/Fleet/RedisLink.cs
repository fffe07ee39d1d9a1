using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Files;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace SmtpProxy.Fleet;

/// <summary>What Redis said, or why it said nothing.</summary>
/// <param name="Outcome">What came of asking.</param>
/// <param name="Result">Its answer; null where there is none.</param>
/// <param name="Problem">Why there is none, in words.</param>
internal readonly record struct RedisAnswer(FleetOutcome Outcome, RedisResult? Result, string? Problem);

/// <summary>The connection to Redis. Nothing waits here longer than the limit, never are more than a bounded number of requests under way,
/// and once one was not answered no other but the beat is sent until a beat was answered again. Thread-safe.</summary>
internal sealed class RedisLink : IAsyncDisposable
{
    /// <summary>Requests that may be under way at once.</summary>
    private const int MostUnderWay = 4096;

    private readonly FleetOptions _options;
    private readonly FleetInstruments _instruments;
    private readonly SemaphoreSlim _connecting = new(1);
    private ConnectionMultiplexer? _redis;
    private int _underWay;
    private volatile bool _answers;
    private volatile bool _isSubscribed;

    /// <summary>Creates it, without a connection.</summary>
    public RedisLink(FleetOptions options, FleetInstruments instruments) => (_options, _instruments) = (options, instruments);

    /// <summary>Whether Redis answered all that it was asked since the last beat.</summary>
    public bool Answers => _answers;

    /// <summary>Asks by a script, unless Redis does not answer.</summary>
    public Task<RedisAnswer> AskAsync(FleetUse use, string script, RedisKey[] keys, RedisValue[] values)
    {
        if (_answers && Volatile.Read(ref _underWay) < MostUnderWay)
        {
            return SendAsync(use, script, keys, values);
        }

        _instruments.Asked(use, FleetOutcome.Spared, null);
        return Task.FromResult(new RedisAnswer(FleetOutcome.Spared, null, "Redis does not answer"));
    }

    /// <summary>The beat asks whether it answered before or not.</summary>
    public Task<RedisAnswer> BeatAsync(string script, RedisKey[] keys, RedisValue[] values) =>
        SendAsync(FleetUse.Beat, script, keys, values);

    /// <summary>A beat was answered: others may ask again.</summary>
    public void Answered() => _answers = true;

    /// <summary>Sees to it that messages of this channel are heard; once it has succeeded it does nothing.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="heard">Called for each, on any thread.</param>
    public async Task SubscribeAsync(RedisChannel channel, Action<byte[]> heard)
    {
        if (_isSubscribed || _redis is not { } redis)
        {
            return;
        }

        try
        {
            await redis.GetSubscriber().SubscribeAsync(channel, (_, said) => heard((byte[]?)said ?? [])).WaitAsync(_options.Timeout)
                .ConfigureAwait(false);
            _isSubscribed = true;
        }
#pragma warning disable CA1031 // Whatever it is: the channel only makes it sooner.
        catch (Exception)
#pragma warning restore CA1031
        {
            // What it would have said, the next beat finds out by itself; and tries again.
        }
    }

    /// <summary>Says something on a channel. Redis takes it also where it is full.</summary>
    public async Task PublishAsync(RedisChannel channel, byte[] said)
    {
        try
        {
            if (_redis is { } redis)
            {
                await redis.GetSubscriber().PublishAsync(channel, said).WaitAsync(_options.Timeout).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // As above.
        catch (Exception)
#pragma warning restore CA1031
        {
            // What it would have said, the next beat says.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _answers = false;
        _connecting.Dispose();
        if (Interlocked.Exchange(ref _redis, null) is { } redis)
        {
            await redis.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
            await redis.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<RedisAnswer> SendAsync(FleetUse use, string script, RedisKey[] keys, RedisValue[] values)
    {
        var began = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _underWay);
        RedisAnswer answer;
        try
        {
            var redis = _redis ?? await ConnectAsync().ConfigureAwait(false);
            var result = await redis.GetDatabase().ScriptEvaluateAsync(script, keys, values).WaitAsync(_options.Timeout)
                .ConfigureAwait(false);
            answer = new RedisAnswer(FleetOutcome.Ok, result, null);
        }
        catch (TimeoutException)
        {
            answer = new RedisAnswer(FleetOutcome.Timeout, null, FormattableString.Invariant(
                $"Redis did not answer within {_options.Timeout.TotalMilliseconds} ms"));
        }
        catch (RedisServerException e)
        {
            var isFull = e.Message.Contains("OOM", StringComparison.Ordinal);
            answer = new RedisAnswer(isFull ? FleetOutcome.Full : FleetOutcome.Refused, null, isFull
                ? "Redis is full (maxmemory)" : $"Redis refuses: {e.Message.ReplaceLineEndings(" ")}");
        }
#pragma warning disable CA1031 // Whatever is wrong with Redis, or with how it is spoken to: mail goes on, and the fleet is not there.
        catch (Exception)
#pragma warning restore CA1031
        {
            answer = new RedisAnswer(FleetOutcome.Unreachable, null, _options.UnreadPassword(TimeSpan.Zero) ??
                "Redis cannot be reached, does not take the user or the password, or is a replica without its primary");
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }

        if (answer.Outcome is FleetOutcome.Timeout or FleetOutcome.Unreachable)
        {
            _answers = false;
        }

        _instruments.Asked(use, answer.Outcome, Stopwatch.GetElapsedTime(began));
        return answer;
    }

    /// <summary>Makes the connection, which then mends itself.</summary>
    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        await _connecting.WaitAsync().ConfigureAwait(false);
        try
        {
            return _redis ??= await ConnectionMultiplexer.ConnectAsync(Configuration()).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private ConfigurationOptions Configuration()
    {
        var limit = (int)_options.Timeout.TotalMilliseconds;
        var configuration = new ConfigurationOptions
        {
            Defaults = new Secrets(_options),
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            ConnectTimeout = Math.Max(1000, limit),
            ConnectRetry = 0,
            AsyncTimeout = limit,
            SyncTimeout = limit,
            HeartbeatInterval = TimeSpan.FromMilliseconds(250),
            KeepAlive = 1,
            ReconnectRetryPolicy = new LinearRetry(500),
            IncludeDetailInExceptions = false,
            ClientName = "smtpproxy",
            SetClientLibrary = false,
            // Its own keys and channels, of which an operator who allows only the prefix would have to know.
            ConfigurationChannel = "",
            TieBreaker = "",
            User = string.IsNullOrWhiteSpace(_options.User) ? null : _options.User,
            Ssl = _options.Tls,
            SslHost = string.IsNullOrWhiteSpace(_options.TlsName) ? null : _options.TlsName,
        };
        if (_options.Tls && !string.IsNullOrWhiteSpace(_options.TlsCa))
        {
            configuration.TrustIssuer(X509CertificateLoader.LoadCertificate(WholeFile.Read(_options.TlsCa)));
        }

        foreach (var place in _options.GetEndPoints())
        {
            configuration.EndPoints.Add(place);
        }

        return configuration;
    }

    /// <summary>The password as it stands in its file whenever a connection is made: it may be changed while the proxy runs.</summary>
    private sealed class Secrets(FleetOptions options) : DefaultOptionsProvider
    {
        public override string? Password => FleetOptions.Secret(options.PasswordFile, TimeSpan.Zero);
    }
}
