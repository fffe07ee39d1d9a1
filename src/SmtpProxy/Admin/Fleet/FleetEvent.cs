namespace SmtpProxy.Admin.Fleet;

/// <summary>What the fleet's stream says.</summary>
/// <param name="Name">The event's name.</param>
/// <param name="Data">JSON in one line.</param>
/// <param name="Process">Whose event it is; null: nobody's.</param>
/// <param name="Id">The id that it has there; null: it has none.</param>
internal readonly record struct FleetEvent(string Name, string Data, string? Process = null, string? Id = null);
