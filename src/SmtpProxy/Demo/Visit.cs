using System.Net;

namespace SmtpProxy.Demo;

/// <summary>One session of a client: where it goes, what it draws, where it tells what it saw.</summary>
/// <param name="Number">Its number since the start, from 0.</param>
/// <param name="Address">The proxy's listener.</param>
/// <param name="Chance">What it draws.</param>
/// <param name="Sightings">Where it tells.</param>
/// <param name="Cancellation">Ends it at once.</param>
internal sealed record Visit(long Number, IPEndPoint Address, Chance Chance, Sightings Sightings, CancellationToken Cancellation)
{
    /// <summary>The client's name in EHLO.</summary>
    public string Name => $"client-{Number % 40}.example";

    /// <summary>Takes time, as people, content and networks do.</summary>
    public Task Pause(int milliseconds) => Task.Delay(milliseconds, Cancellation);

    /// <summary>Connects; nothing is read yet.</summary>
    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Address, Cancellation);
}
