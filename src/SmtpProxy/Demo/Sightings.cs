namespace SmtpProxy.Demo;

/// <summary>What the demo's clients saw. Thread-safe.</summary>
internal sealed class Sightings
{
    private readonly long[] _counts = new long[5];
    private long _open;

    private enum What
    {
        Session,
        Accepted,
        Deferred,
        Refused,
        Cut,
    }

    /// <summary>Sessions that have begun.</summary>
    public long Sessions => Read(What.Session);

    /// <summary>Sessions that are open.</summary>
    public long Open => Interlocked.Read(ref _open);

    /// <summary>A session begins.</summary>
    public void Begin()
    {
        Count(What.Session);
        Interlocked.Increment(ref _open);
    }

    /// <summary>A session is over.</summary>
    public void End() => Interlocked.Decrement(ref _open);

    /// <summary>A message, or what was to become one, was answered.</summary>
    /// <param name="code">The reply's code.</param>
    public void Answered(int code) => Count(code < 400 ? What.Accepted : code < 500 ? What.Deferred : What.Refused);

    /// <summary>A session ended before its time, by whomever.</summary>
    public void Cut() => Count(What.Cut);

    /// <summary>What a failure says of a session; false when it is none that traffic may have.</summary>
    public bool Explains(Exception failure)
    {
        switch (failure)
        {
            case RefusedException refused:
                Answered(refused.Code);
                return true;
            case IOException or System.Net.Sockets.SocketException or OperationCanceledException
                or System.Security.Authentication.AuthenticationException:
                Cut();
                return true;
            default:
                return false;
        }
    }

    public override string ToString() =>
        $"{Sessions} sessions, {Open} open; mail: {Read(What.Accepted)} accepted, {Read(What.Deferred)} deferred, {Read(What.Refused)} " +
            $"refused; {Read(What.Cut)} sessions cut off";

    private void Count(What what) => Interlocked.Increment(ref _counts[(int)what]);

    private long Read(What what) => Interlocked.Read(ref _counts[(int)what]);
}
