using System.Text.Json.Nodes;

namespace SmtpProxy.Faults.Shared;

/// <summary>The rules of the API that a fleet has in common.</summary>
/// <param name="Revision">Grows with every change.</param>
/// <param name="Epoch">Grows when all that was counted is forgotten.</param>
/// <param name="Rules">By name.</param>
public sealed record SharedRules(long Revision, long Epoch, IReadOnlyDictionary<string, SharedRule> Rules)
{
    /// <summary>No rules were ever made.</summary>
    public static SharedRules None { get; } = new(0, 0, new Dictionary<string, SharedRule>());
}

/// <summary>One of them.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Created">When it was made: its life counts from there, everywhere.</param>
/// <param name="Made">The revision that made it: a rule of the same name that is made again begins to count anew.</param>
/// <param name="Era">The fleet's era in which it was made: what it counted is lost with that.</param>
/// <param name="Run">The run of a preset that it belongs to; null: none.</param>
public sealed record SharedRule(JsonObject Text, DateTimeOffset Created, long Made, string Era, string? Run);
