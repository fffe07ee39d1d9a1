using System.Text.Json.Nodes;

namespace SmtpProxy.Faults.Presets;

/// <summary>A rehearsal that is ready to start: rules with numbers that land on the right side of what clients do.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Does">What happens.</param>
/// <param name="Proves">What it shows about a sender.</param>
/// <param name="Catches">Which clients it catches.</param>
/// <param name="Effect">What it does to delivery.</param>
/// <param name="Rules">Its rules by name.</param>
public sealed record Preset(string Name, string Does, string Proves, string Catches, string Effect, JsonObject Rules);
