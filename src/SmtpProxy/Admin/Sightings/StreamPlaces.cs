using SmtpProxy.Live;

namespace SmtpProxy.Admin.Sightings;

/// <summary>How many streams are open: each is a connection that somebody else cannot have.</summary>
internal sealed class StreamPlaces(LiveOptions options)
{
    private int _taken;

    /// <summary>How many there may be.</summary>
    public int Most => options.MaxStreams;

    /// <summary>Takes a place; false: there is none.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= Most)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Gives it back.</summary>
    public void Leave() => Interlocked.Decrement(ref _taken);
}
