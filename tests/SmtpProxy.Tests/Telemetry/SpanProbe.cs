using System.Collections.Concurrent;
using System.Diagnostics;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>Every span of one source that ended, in order.</summary>
internal sealed class SpanProbe : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public SpanProbe(ActivitySource source)
    {
        _listener = Listen(source);
        // The runtime overlooks a source while tests beside this one dispose of theirs.
        while (!source.HasListeners())
        {
            _listener.Dispose();
            _listener = Listen(source);
        }
    }

    public IReadOnlyList<Activity> All => [.. _ended];

    /// <summary>The one span of this name.</summary>
    public Activity this[string name] => Assert.Single(All, s => s.DisplayName == name);

    public IReadOnlyList<Activity> Of(string name) => [.. All.Where(s => s.DisplayName == name)];

    /// <summary>Names of the children of a span, in order of their start.</summary>
    public IEnumerable<string> Below(Activity parent) =>
        All.Where(s => s.ParentSpanId == parent.SpanId).OrderBy(s => s.StartTimeUtc).Select(s => s.DisplayName);

    public void Dispose() => _listener.Dispose();

    private ActivityListener Listen(ActivitySource source)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = s => ReferenceEquals(s, source),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
