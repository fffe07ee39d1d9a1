namespace SmtpProxy.Rehearsals.Reports;

/// <summary>What came of a rehearsal.</summary>
internal enum RehearsalVerdict : byte
{
    /// <summary>All that was expected is so.</summary>
    Passed,

    /// <summary>The steady state was not there, or it was interrupted: nothing was rehearsed.</summary>
    NotRun,

    /// <summary>Something expected is not so, or a stop condition was met.</summary>
    Failed,
}
