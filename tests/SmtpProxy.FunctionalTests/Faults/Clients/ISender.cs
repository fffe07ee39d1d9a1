namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>A mail library, as an application calls it.</summary>
internal interface ISender : IAsyncDisposable
{
    /// <summary>Sends a message and reports what the library reports. A sender of the same name goes on with its connection,
    /// where the library does.</summary>
    Task<Told> SendAsync(Letter letter);
}
