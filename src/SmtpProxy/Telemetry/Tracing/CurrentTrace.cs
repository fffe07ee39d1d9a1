using System.Diagnostics;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>A time during which a trace is the thread's current one.</summary>
public readonly ref struct CurrentTrace
{
    private readonly Activity? _before;
    private readonly bool _isSet;

    internal CurrentTrace(Activity? root)
    {
        _isSet = root is not null;
        if (_isSet)
        {
            _before = Activity.Current;
            Activity.Current = root;
        }
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        if (_isSet)
        {
            Activity.Current = _before;
        }
    }
}
