namespace SmtpProxy.Configuration;

/// <summary>Faults (<c>SmtpProxy:Faults</c>). This version has none to inject: the section may be there, switched off.</summary>
public sealed record FaultsOptions
{
    /// <summary>Whether faults are armed; only false is possible.</summary>
    public bool Enabled { get; init; }

    /// <summary>The seed of what is drawn by chance.</summary>
    public long Seed { get; init; }

    /// <summary>The rules by name; none is possible.</summary>
    public Dictionary<string, string> Rules { get; init; } = [];

    /// <summary>What is wrong, each with the key's full path and the remedy.</summary>
    public IEnumerable<string> Validate()
    {
        if (Enabled)
        {
            yield return "SmtpProxy:Faults:Enabled: faults are not available in this version; set it to false or leave SmtpProxy:Faults out";
        }

        foreach (var rule in Rules.Keys)
        {
            yield return $"SmtpProxy:Faults:Rules:{rule}: faults are not available in this version; remove the rule";
        }
    }
}
