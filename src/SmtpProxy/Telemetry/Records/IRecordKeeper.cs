namespace SmtpProxy.Telemetry.Records;

/// <summary>Takes the records of sessions that are over, beside the journal, so that they can be looked at. Called on loops: it
/// neither waits nor locks.</summary>
internal interface IRecordKeeper
{
    /// <summary>Whether a session that begins now shall have a record, though nobody else wants one.</summary>
    /// <param name="at">Now, in ticks of the monotonic clock.</param>
    bool Wants(long at);

    /// <summary>Hands over a complete record. It is given back to the pool when it was read; others may be reading it, too.</summary>
    void Take(SessionRecord record, RecordPool pool);
}
