using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SmtpProxy.Fleet;

/// <summary>How a text of the fleet lies in Redis.</summary>
internal static class CommonText
{
    /// <summary>Octets that one has at most.</summary>
    public const int Longest = 512 * 1024;

    /// <summary>For what reads: whoever can write to Redis may have put anything there, of any length.</summary>
    public const string Bounds = """
        local function bounded(key, field, most)
          return redis.call('HSTRLEN', key, field) <= most and redis.call('HGET', key, field) or ''
        end
        local function version(key)
          return string.match(bounded(key, 'v', 18), '^%d+$') or '0'
        end

        """;
}

/// <summary>A text that the members of a fleet have in common, with a version: the highest stands. Each member keeps what it last had, so
/// that it is there again after Redis was emptied. It lies in Redis as a hash: <c>v</c> the version, <c>d</c> the sealed text. Used by the
/// beat and by whoever changes it; thread-safe.</summary>
/// <typeparam name="T">What it says.</typeparam>
internal sealed class CommonText<T>(FleetKey key, string what, JsonTypeInfo<T> json)
    where T : class
{
    /// <summary>Writes a version unless there is a higher one, or one that nobody of the fleet has written; keeps what is there for so many
    /// milliseconds more.</summary>
    public const string Keeping = CommonText.Bounds + """
        local v = tonumber(version(KEYS[1]))
        if v <= tonumber(ARGV[1]) or v == tonumber(ARGV[4]) then
          redis.call('HSET', KEYS[1], 'v', ARGV[1], 'd', ARGV[2])
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return v
        """;

    private readonly Lock _lock = new();
    private (long Version, T? Value, byte[] Sealed) _last = (0, null, []);

    /// <summary>The version known here; 0: none.</summary>
    public long Version
    {
        get
        {
            lock (_lock)
            {
                return _last.Version;
            }
        }
    }

    /// <summary>What it says, and as it is kept.</summary>
    public (long Version, T? Value, byte[] Sealed) Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>Says something new here, and returns it as it is kept.</summary>
    /// <param name="version">Given the version that is known, that of the new one.</param>
    /// <param name="value">What it says.</param>
    public byte[] Say(Func<long, long> version, T value)
    {
        lock (_lock)
        {
            var next = version(_last.Version);
            _last = (next, value, Seal(next, value));
            return _last.Sealed;
        }
    }

    /// <summary>It as it is kept.</summary>
    public byte[] Seal(long version, T value) =>
        key.Seal(what, JsonSerializer.SerializeToUtf8Bytes(new Versioned(version, JsonSerializer.Serialize(value, json)),
            FleetJson.Default.Versioned));

    /// <summary>Takes what another member said. Null: nobody of the fleet wrote it, or it is not newer than what is known.</summary>
    public T? Hear(byte[] sealedText)
    {
        if (Open(sealedText) is not { } heard)
        {
            return null;
        }

        lock (_lock)
        {
            if (heard.Version <= _last.Version)
            {
                return null;
            }

            _last = (heard.Version, heard.Value, sealedText);
            return heard.Value;
        }
    }

    /// <summary>Reads it, and takes nothing. Null: nobody of the fleet wrote it.</summary>
    public (long Version, T Value)? Open(byte[] sealedText)
    {
        try
        {
            return key.Open(what, sealedText) is { } text && JsonSerializer.Deserialize(text, FleetJson.Default.Versioned) is { } versioned
                && JsonSerializer.Deserialize(versioned.Text, json) is { } value ? (versioned.Version, value) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A text with its version, which nobody can change without the key.</summary>
internal sealed record Versioned(long Version, string Text);
