using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Protocol.Tests.Exchanges;

public sealed class AcceptedRecipientsTests
{
    private readonly ExchangeMemory _memory = new();

    [Fact]
    public void List_OfFew_IsNotCounted()
    {
        var list = Filled(64);
        Assert.Equal((100, 163, -1, 0L), (list[0], list[63], list[64], _memory.InUse));
    }

    [Fact]
    public void List_OfMany_IsCounted_UntilItIsCleared()
    {
        var list = Filled(65);
        Assert.Equal((164, 128L * 4), (list[64], _memory.InUse));
        list.Clear();
        Assert.Equal((-1, 0L), (list[0], _memory.InUse));
        list.Add(7);
        Assert.Equal((7, -1, 0L), (list[0], list[1], _memory.InUse));
        for (var n = 1; n < 65; n++)
        {
            list.Add(n);
        }

        Assert.Equal(128L * 4, _memory.InUse);
    }

    [Fact]
    public void List_BeyondTheMost_IsCutOnce_AndWholeAgainAfterwards()
    {
        var met = 0;
        _memory.Met = () => met++;
        var list = Filled(AcceptedRecipients.Most + 2);
        Assert.Equal((100 + AcceptedRecipients.Most - 1, -1, 1), (list[AcceptedRecipients.Most - 1], list[AcceptedRecipients.Most], met));
        list.Clear();
        list.Add(3);
        Assert.Equal(3, list[0]);
    }

    [Theory]
    [InlineData(128 * 4, 65, 0)]
    [InlineData((128 * 4) - 1, 64, 1)]
    [InlineData(256 * 4, 129, 0)]
    [InlineData((256 * 4) - 1, 128, 1)]
    public void List_WithAsMuchMemory_HoldsAsMany(long limit, int held, int refused)
    {
        var met = 0;
        (_memory.Met, _memory.Limit) = (() => met++, limit);
        var list = Filled(held + refused);
        Assert.Equal((100 + held - 1, -1, refused), (list[held - 1], list[held], met));
    }

    private AcceptedRecipients Filled(int count)
    {
        var list = new AcceptedRecipients(_memory);
        for (var n = 0; n < count; n++)
        {
            list.Add(100 + n);
        }

        return list;
    }
}
