using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Protocol.Tests;

public sealed class HeldOctetsTests
{
    private readonly DialogueLimits _limits = new() { Memory = new ExchangeMemory() };

    [Fact]
    public void TryHold_UpToTheLimit_KeepsWhatWasSaid()
    {
        var held = default(HeldOctets);
        Assert.True(held.TryHold("ab"u8, _limits));
        Assert.True(held.TryHold("c"u8, _limits));
        Assert.Equal("abc"u8.ToArray(), held.Octets.ToArray());
        Assert.True(held.TryHold(new byte[_limits.HeldOctets - 3], _limits));
        Assert.False(held.TryHold("d"u8, _limits));
        Assert.Equal(_limits.HeldOctets, held.Length);
        Assert.True(_limits.Memory.InUse >= _limits.HeldOctets);
        held.Clear();
        Assert.Equal((0, 0L), (held.Length, _limits.Memory.InUse));
    }

    [Fact]
    public void TryHold_OfFew_NeedsNoLeave()
    {
        _limits.Memory.Limit = 1;
        var held = default(HeldOctets);
        Assert.True(held.TryHold(new byte[2048], _limits));
        Assert.Equal(0, _limits.Memory.InUse);
        Assert.False(held.TryHold("x"u8, _limits));
        held.Clear();
    }

    [Fact]
    public void HoldAhead_CountsAll_AndHoldsTheFirst()
    {
        var held = default(HeldOctets);
        Assert.Equal(2000, held.HoldAhead(new byte[2000], _limits));
        Assert.Equal(48, held.HoldAhead(new byte[100], _limits));
        Assert.Equal(0, held.HoldAhead(new byte[7], _limits));
        Assert.Equal((2048, 2107L), (held.Length, held.Ahead));
        held.Clear();
        Assert.Equal((0, 0L), (held.Length, held.Ahead));
    }

    [Fact]
    public void HoldAhead_AfterWhatIsHeldAnyway_HoldsNothing()
    {
        var held = default(HeldOctets);
        Assert.True(held.TryHold("a"u8, _limits));
        Assert.Equal(0, held.HoldAhead("bc"u8, _limits));
        Assert.Equal((1, 0L), (held.Length, held.Ahead));
        held.Clear();
    }

    [Fact]
    public void Return_OfABuffer_ForgetsWhatWasInIt()
    {
        var held = default(HeldOctets);
        held.TryHold("secret"u8, _limits);
        var (buffer, length) = held.Take();
        HeldOctets.Return(buffer, length);
        Assert.Equal(6, length);
        Assert.Equal(-1, buffer.AsSpan(0, 6).IndexOfAnyExcept((byte)0));
    }
}
