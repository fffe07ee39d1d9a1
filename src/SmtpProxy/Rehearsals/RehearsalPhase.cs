using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Observed;
using SmtpProxy.Rehearsals.Reports;
using SmtpProxy.Rehearsals.Stops;

namespace SmtpProxy.Rehearsals;

/// <summary>One phase: the client sends, or mail passes, and the proxy is asked what it saw until there is nothing more to see.</summary>
/// <param name="plan">The rehearsal.</param>
/// <param name="api">The proxy.</param>
/// <param name="client">The client; null: mail passes.</param>
/// <param name="time">The clock.</param>
internal sealed class RehearsalPhase(RehearsalPlan plan, IProxyApi api, IRehearsedClient? client, TimeProvider time)
{
    /// <summary>Between two looks: a stop condition is seen well within a second.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Why it was stopped; null: it was not.</summary>
    public string? Stopped { get; private set; }

    /// <summary>From what met a stop condition until all faults were halted.</summary>
    public TimeSpan? HaltedAfter { get; private set; }

    /// <summary>Goes through it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="expected">What is expected.</param>
    /// <param name="stops">What ends it at once.</param>
    /// <param name="look">Called with what was seen, after each look.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<PhaseResult> RunAsync(string name, IReadOnlyList<Expectation> expected, IReadOnlyList<StopCondition> stops,
        Action<Observation> look, CancellationToken cancel)
    {
        var observer = await Observer.BeginAsync(api, IsWanted, time, expected.Any(static e => e.NeedsMetrics),
            expected.Select(static e => e.Prometheus).FirstOrDefault(static p => p is not null)).ConfigureAwait(false);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        over.CancelAfter(plan.Longest);
        var running = client is null ? Task.FromResult(0) : client.RunAsync(name, over.Token);
        Observation seen;
        try
        {
            while (true)
            {
                var isDone = running.IsCompleted;
                await observer.LookAsync(isDone).ConfigureAwait(false);
                seen = observer.Seen(client is null ? null : plan.Messages, client is not null && running.IsCompletedSuccessfully
                    ? await running.ConfigureAwait(false) : null);
                look(seen);
                if (stops.Select(s => s.Why(seen)).FirstOrDefault(static why => why is not null) is { } why)
                {
                    await HaltAsync(why, seen).ConfigureAwait(false);
                    break;
                }

                cancel.ThrowIfCancellationRequested();
                if (over.IsCancellationRequested || running.IsFaulted || (isDone && IsOver(observer, expected, seen)))
                {
                    break;
                }

                await Task.WhenAny(isDone ? Task.Delay(Pause, time, over.Token) : running, Task.Delay(Pause, time, over.Token))
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            // Nothing goes on before the client has been ended, however this came about.
            await Task.WhenAny(running).ConfigureAwait(false);
        }

        try
        {
            await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Its time was over.
        }

        // Of a client that never came much is true.
        Expectation[] all = seen.Sessions.Count > 0 ? [.. expected] : [.. expected, new CameExpectation()];
        return new PhaseResult(name, seen, [.. all.Select(e => new JudgedExpectation(e, e.Judge(seen)))]);
    }

    /// <summary>A client that is done has nothing more to show; mail in a queue, or that passes, may come
    /// until all is as expected.</summary>
    private bool IsOver(Observer observer, IReadOnlyList<Expectation> expected, Observation seen) =>
        plan.Queues || client is null
            ? seen.Sessions.Count > 0 && (observer.IsSettled || client is null) && expected.All(e => e.Judge(seen).IsHeld)
            : observer.IsSettled;

    private bool IsWanted(SeenSession session) =>
        (plan.Listeners.Count == 0 || plan.Listeners.Contains(session.Listener, StringComparer.OrdinalIgnoreCase))
        && (plan.Clients.Count == 0 || (System.Net.IPEndPoint.TryParse(session.Client ?? "", out var address)
            && plan.Clients.Any(network => network.Contains(address.Address))));

    private async Task HaltAsync(string why, Observation seen)
    {
        await api.PostAsync("faults/halt", new() { ["reason"] = $"rehearsal {plan.Name}: {why}" }).ConfigureAwait(false);
        var last = seen.Sessions.Select(static s => s.IsOpen
            ? s.Began + (s.Exchanges.Select(static e => e.EndMs).DefaultIfEmpty(0).Max() / 1000) : s.Ended).DefaultIfEmpty(0)
            .Max();
        (Stopped, HaltedAfter) = (why, TimeSpan.FromSeconds(
            Math.Max(0, (time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0) - last)));
    }
}
