using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Tests.Transport.Resources;

public sealed class ConnectionBudgetTests
{
    private readonly List<string> _met = [];

    [Fact]
    public void Enter_BeyondTheCapacity_IsRefusedAndCounted_UntilSomebodyLeaves()
    {
        var budget = new ConnectionBudget(_met.Add) { Capacity = 4 };
        Assert.Equal([true, true, false], [budget.TryEnter(2), budget.TryEnter(2), budget.TryEnter(2)]);
        Assert.Equal((4, "descriptors"), (budget.Taken, Assert.Single(_met)));
        budget.Leave(2);
        Assert.True(budget.TryEnter(2));
    }

    [Fact]
    public void Pipe_WithoutRoomToSpare_IsNotHad_AndNobodyIsToldOfALimit()
    {
        var budget = new ConnectionBudget(_met.Add) { Capacity = 32 };
        Assert.Equal([true, true, false], [budget.TryTakePipe(), budget.TryTakePipe(), budget.TryTakePipe()]);
        budget.GivePipe();
        // Sessions have what the pipes leave; pipes never have the last of it.
        Assert.True(budget.TryEnter(26));
        Assert.False(budget.TryTakePipe());
        Assert.True(budget.TryEnter(4));
        Assert.Empty(_met);
    }

    [Fact]
    public async Task Enter_FromManyThreads_CountsEachOnce()
    {
        var budget = new ConnectionBudget { Capacity = 1000 };
        var entered = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => Task.Run(() => Enumerable.Range(0, 500).Count(_ => budget.TryEnter(1)))));
        Assert.Equal((1000, 1000), (entered.Sum(), budget.Taken));
    }
}
