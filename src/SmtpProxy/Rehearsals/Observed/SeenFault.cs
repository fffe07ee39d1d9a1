namespace SmtpProxy.Rehearsals.Observed;

/// <summary>A fault that struck a session, as the journal has it.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Action">What it did.</param>
/// <param name="Point">Where.</param>
/// <param name="ClientCode">What the client was told; null: nothing.</param>
/// <param name="RelayCode">What the relay really said; null: nothing.</param>
internal sealed record SeenFault(string? Rule, string? Action, string? Point, int? ClientCode, int? RelayCode)
{
    /// <summary>The relay took a message whose client does not know it.</summary>
    public bool HidesAnAcceptance => Point == "endOfData" && RelayCode is >= 200 and < 300 && ClientCode is null or >= 400;

    /// <summary>The client was told that the message was taken, and the relay never had it.</summary>
    public bool LosesAMessage => Action == "blackhole";
}
