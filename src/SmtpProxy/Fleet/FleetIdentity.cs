using System.Threading.Channels;

namespace SmtpProxy.Fleet;

/// <summary>Who this proxy is in its fleet, what its members know, and where they keep it. Thread-safe.</summary>
/// <param name="options">The section <c>SmtpProxy:Fleet</c>; it was found good.</param>
internal sealed class FleetIdentity(FleetOptions options)
{
    private readonly Channel<bool> _looks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
        { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>The process; no other ever has the same.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>What its counts of sessions are kept under. Another one after each time without the fleet: who left meanwhile is
    /// counted no more.</summary>
    public string Counting { get; private set; } = Guid.NewGuid().ToString("N");

    /// <summary>The fleet's name.</summary>
    public string Fleet => options.Name;

    /// <summary>Its own.</summary>
    public string Name => options.NodeName;

    /// <summary>Where its admin side is; null: nobody is told.</summary>
    public string? Admin => options.AdminUrl is { Length: > 0 } url ? url : null;

    /// <summary>What the fleet knows and Redis does not.</summary>
    public FleetKey Key { get; } = new(FleetOptions.Secret(options.KeyFile)!, options.Name);

    /// <summary>Where everything lies in Redis.</summary>
    public FleetKeys Keys { get; } = new(options.KeyPrefix, options.Name);

    /// <summary>Counts anew: what was said before is void.</summary>
    public void CountAnew() => Counting = Guid.NewGuid().ToString("N");

    /// <summary>There is something to read, or to say: the beat need not wait.</summary>
    public void Look() => _looks.Writer.TryWrite(true);

    /// <summary>Waits until there is, for so long at most.</summary>
    public async Task WaitAsync(TimeSpan most, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(most);
        try
        {
            await _looks.Reader.ReadAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Nobody had anything to say.
        }
    }
}
