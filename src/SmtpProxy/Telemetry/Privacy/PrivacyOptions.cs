using System.Text;

namespace SmtpProxy.Telemetry.Privacy;

/// <summary>What may be written down of the people who write mail (<c>SmtpProxy:Privacy</c>). Live: a reload applies to sessions that begin
/// after it.</summary>
public sealed class PrivacyOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy:Privacy";

    private const int MinKeyLength = 16;

    /// <summary>Of mail addresses: <c>none</c> (the default), <c>domain</c>, <c>hash</c> or <c>full</c>.</summary>
    public string Addresses { get; set; } = "none";

    /// <summary>The key of <c>hash</c>, at least 16 characters. Hashes under one key can be compared; without it
    /// nobody can try addresses out.</summary>
    public string? HashKey { get; set; }

    /// <summary>Of the text of a refusal, in the journal: <c>none</c> (the default), <c>masked</c> (without mail
    /// addresses) or <c>full</c>.</summary>
    public string RefusalText { get; set; } = "none";

    /// <summary>What is wrong, each with the key's full path and the remedy; empty when all is well.</summary>
    public IEnumerable<string> Validate()
    {
        if (TextLevel is null)
        {
            yield return $"{Section}:RefusalText: '{RefusalText}' is not one of none, masked, full";
        }

        if (Level is not { } level)
        {
            yield return $"{Section}:Addresses: '{Addresses}' is not one of none, domain, hash, full";
        }
        else if (level == AddressPrivacy.Hash && string.IsNullOrEmpty(HashKey))
        {
            yield return $"{Section}:HashKey: missing, and {Section}:Addresses is 'hash'; set a secret of at least {MinKeyLength} " +
                $"characters, or choose none or domain";
        }
        else if (level == AddressPrivacy.Hash && HashKey!.Length < MinKeyLength)
        {
            yield return $"{Section}:HashKey: has {HashKey.Length} characters; at least {MinKeyLength} are needed, or addresses can be " +
                $"found by trying";
        }
    }

    /// <summary>The filter that these options ask for. Options that do not validate let nothing through.</summary>
    internal AddressFilter ToFilter() =>
        Validate().Any() ? AddressFilter.None
            : new AddressFilter(Level!.Value, Encoding.UTF8.GetBytes(HashKey ?? "")) { RefusalText = TextLevel!.Value };

    private RefusalTextPrivacy? TextLevel => RefusalText.ToLowerInvariant() switch
    {
        "none" => RefusalTextPrivacy.None,
        "masked" => RefusalTextPrivacy.Masked,
        "full" => RefusalTextPrivacy.Full,
        _ => null,
    };

    private AddressPrivacy? Level => Addresses.ToLowerInvariant() switch
    {
        "none" => AddressPrivacy.None,
        "domain" => AddressPrivacy.Domain,
        "hash" => AddressPrivacy.Hash,
        "full" => AddressPrivacy.Full,
        _ => null,
    };
}
