namespace SmtpProxy.Live;

/// <summary>What a session is that carries no mail and was never meant to.</summary>
internal enum Noise : byte
{
    /// <summary>It is none: somebody wanted something.</summary>
    None,

    /// <summary>Somebody looked whether the port answers: connected, said hello perhaps, and left (<c>health_check</c>).</summary>
    HealthCheck,

    /// <summary>Somebody looked what the port speaks (<c>scan</c>).</summary>
    Scan,
}
