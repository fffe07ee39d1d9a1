namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>One alert before three times: one that it must fire in, one that is near to it and no reason to, and a night.</summary>
/// <param name="Alert">Its name.</param>
/// <param name="Trouble">What makes it fire, for the reader of the table.</param>
/// <param name="Healthy">How long it goes well before.</param>
/// <param name="Broken">The first proxy's time; what stands before it went well.</param>
/// <param name="Beside">That of the proxy beside it.</param>
/// <param name="After">How long it takes until the alert has ended once all is well again; null: nothing of it ends by itself.</param>
/// <param name="NearTo">What is near to it and no reason to, for the reader.</param>
/// <param name="Near">The proxies' time of that.</param>
internal sealed record AlertCase(
    string Alert, string Trouble, TimeSpan Healthy, Timeline Broken, Timeline? Beside, TimeSpan? After, string NearTo, Timeline[] Near);
