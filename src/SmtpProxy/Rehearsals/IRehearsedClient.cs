namespace SmtpProxy.Rehearsals;

/// <summary>The client under test.</summary>
internal interface IRehearsedClient
{
    /// <summary>The last of what it printed.</summary>
    string Output { get; }

    /// <summary>Has it send its mail.</summary>
    /// <param name="phase"><c>before</c>, <c>during</c> or <c>after</c>.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What it ended with.</returns>
    Task<int> RunAsync(string phase, CancellationToken cancel);
}
