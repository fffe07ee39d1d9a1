namespace SmtpProxy.Fleet;

/// <summary>What Redis is asked for.</summary>
internal enum FleetUse : byte
{
    /// <summary>The beat: who is there, and whether there is a halt.</summary>
    Beat,

    /// <summary>Halt and resume.</summary>
    Halt,

    /// <summary>Rules and presets.</summary>
    Rules,

    /// <summary>Occasions and budgets of faults.</summary>
    Budget,

    /// <summary>Limits for each client.</summary>
    Limits,

    /// <summary>What greylists know.</summary>
    Greylist,
}

/// <summary>What came of asking.</summary>
internal enum FleetOutcome : byte
{
    /// <summary>It answered.</summary>
    Ok,

    /// <summary>It took too long.</summary>
    Timeout,

    /// <summary>There is no connection.</summary>
    Unreachable,

    /// <summary>It is full.</summary>
    Full,

    /// <summary>It answered that it will not.</summary>
    Refused,

    /// <summary>It was not asked: it did not answer lately, or too many wait for it.</summary>
    Spared,
}
