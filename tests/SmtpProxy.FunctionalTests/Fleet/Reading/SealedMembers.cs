using System.Globalization;
using System.Text;
using SmtpProxy.Fleet;

namespace SmtpProxy.FunctionalTests.Fleet.Reading;

/// <summary>Members that are nothing but what stands of them in Redis, sealed with the fleet's key.</summary>
internal sealed class SealedMembers : IAsyncDisposable
{
    private static readonly FleetKey Key = new(FleetRig.Key, "smtpproxy");
    private static readonly FleetKeys Keys = new("smtpproxy", "smtpproxy");
    private readonly CancellationTokenSource _enough = new();
    private readonly Task _speaking;

    /// <summary>They speak until they are disposed of.</summary>
    public SealedMembers(RedisServer redis, params MemberReport[] reports) => _speaking = SpeakAsync(redis,
        [.. reports.Select(static report => (Guid.NewGuid().ToString("N"), report))]);

    /// <summary>One that is as it should be.</summary>
    public static MemberReport Good(string node, string? admin = null) => new(node, "1.0", DateTimeOffset.UnixEpoch, 1, 10, 0.1,
        "0123456789abcdef", true, false, 0, 0, admin);

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await _speaking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _enough.Dispose();
    }

    private async Task SpeakAsync(RedisServer redis, (string Id, MemberReport Report)[] members)
    {
        while (!_enough.IsCancellationRequested)
        {
            foreach (var (id, report) in members)
            {
                await redis.AskAsync("HSET", Keys.Members.ToString(), id, Encoding.Latin1.GetString(report.Seal(Key, id)));
            }

            var now = DateTimeOffset.UtcNow.AddSeconds(3).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            await redis.AskAsync(["ZADD", Keys.Seen.ToString(), .. members.SelectMany(m => new[] { now, m.Id })]);
            await Task.Delay(TimeSpan.FromSeconds(1), _enough.Token);
        }
    }
}
