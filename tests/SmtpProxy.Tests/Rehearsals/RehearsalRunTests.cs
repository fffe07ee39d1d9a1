using SmtpProxy.Rehearsals;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Reports;

namespace SmtpProxy.Tests.Rehearsals;

/// <summary>What is armed is taken back in every end, and of a client that never came nothing is true.</summary>
public sealed class RehearsalRunTests
{
    private const string Two = """
        rehearsal: Two
        for: 00:00:10
        faults:
          rules:
            one: { at: rcpt, action: { type: reply, code: 451 } }
            two: { at: mail, action: { type: reply, code: 451 } }
        expect: [ notDelivered, struck: { min: 0 } ]
        """;

    private readonly StubProxyApi _proxy = new();

    [Fact]
    public async Task Client_ThatNeverComes_IsNoSuccess()
    {
        var result = await RunAsync(Two, new StubClient(static _ => Task.FromResult(0)));
        Assert.Equal(RehearsalVerdict.Failed, result.Verdict);
        Assert.Contains(result.Phases[0].Judged, static j => !j.Judgement.IsHeld
            && j.Judgement.Why.StartsWith("no session came", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SteadyState_OfAClientThatNeverComes_IsNotThere()
    {
        var result = await RunAsync(Two + "\nbefore: [ noDuplicate ]\n", new StubClient(static _ => Task.FromResult(0)));
        Assert.Equal((RehearsalVerdict.NotRun, "the steady state is not there"), (result.Verdict, result.Reason));
        Assert.Empty(_proxy.Orders);
    }

    [Fact]
    public async Task OtherRehearsal_InTheSameProxy_IsNamed()
    {
        _proxy.Rules.Add("rehearsal.one");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            RunAsync(Two, new StubClient(static _ => Task.FromResult(0))));
        Assert.Contains("its rule rehearsal.one is armed until 2026-03-01T12:00:00Z", refused.Message, StringComparison.Ordinal);
        Assert.Contains("smtpproxy faults stop rehearsal.one", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_proxy.Orders);
    }

    [Fact]
    public async Task Rule_ThatCannotBeRemoved_LeavesTheOthersNotBehind_AndIsTold()
    {
        _proxy.Stuck.Add("rehearsal.one");
        var result = await RunAsync(Two, new StubClient(static _ => Task.FromResult(0)));
        Assert.Contains("DELETE faults/rules/rehearsal.two", _proxy.Orders);
        Assert.StartsWith("rehearsal.one could not be removed from the proxy; they end by themselves, 00:01:10 after", result.Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rule_WhoseArmingNobodyConfirms_IsRemovedAsWell()
    {
        _proxy.OnOrder = static order =>
        {
            if (order == "PUT faults/rules/rehearsal.two")
            {
                throw new HttpRequestException("the connection ended");
            }
        };
        await Assert.ThrowsAsync<HttpRequestException>(() => RunAsync(Two, new StubClient(static _ => Task.FromResult(0))));
        Assert.Equal(["DELETE faults/rules/rehearsal.one", "DELETE faults/rules/rehearsal.two"], _proxy.Orders[1..]);
    }

    /// <summary>Its command would go on, and send, after its rehearsal is over.</summary>
    [Fact]
    public async Task Interrupted_EndsTheClientBeforeTheRulesAreRemoved()
    {
        using var cancel = new CancellationTokenSource();
        var client = new StubClient(async token =>
        {
            await cancel.CancelAsync();
            try
            {
                await new TaskCompletionSource().Task.WaitAsync(token);
            }
            catch (OperationCanceledException)
            {
                await Task.Yield();
                _proxy.Orders.Add("client ended");
                throw;
            }

            return 0;
        });
        var result = await RunAsync(Two, client, cancel.Token);
        Assert.Equal((RehearsalVerdict.NotRun, "it was interrupted"), (result.Verdict, result.Reason));
        Assert.Equal(["client ended", "DELETE faults/rules/rehearsal.one", "DELETE faults/rules/rehearsal.two"], _proxy.Orders[2..]);
    }

    private Task<RehearsalResult> RunAsync(string text, IRehearsedClient client, CancellationToken cancel = default)
    {
        var plan = RehearsalReader.Read("two", text, null, out var problems);
        Assert.Empty(problems);
        return new RehearsalRun(plan!, _proxy, client, TimeProvider.System).RunAsync(cancel);
    }

    private sealed class StubClient(Func<CancellationToken, Task<int>> run) : IRehearsedClient
    {
        public string Output => "";

        public Task<int> RunAsync(string phase, CancellationToken cancel) => run(cancel);
    }
}
