namespace SmtpProxy.Protocol.Tests;

public sealed class WithheldArgumentsTests
{
    private readonly WithheldArguments _withheld = new();

    [Fact]
    public void Take_OfAnExchange_ForgetsEarlierOnes()
    {
        _withheld.Keep(1, "a"u8);
        _withheld.Keep(3, "c"u8);
        _withheld.Keep(5, "e"u8);
        Assert.Null(_withheld.Take(2));
        Assert.Null(_withheld.Take(1));
        Assert.Equal("c"u8.ToArray(), _withheld.Take(3));
        Assert.Null(_withheld.Take(3));
        _withheld.Forget();
        Assert.Null(_withheld.Take(5));
    }

    [Fact]
    public void Keep_MoreThan32_KeepsTheFirst()
    {
        for (var n = 1; n <= 33; n++)
        {
            _withheld.Keep(n, "x"u8);
        }

        Assert.NotNull(_withheld.Take(32));
        Assert.Null(_withheld.Take(33));
    }

    [Fact]
    public void Keep_MoreThan8Kibioctets_KeepsWhatHasRoom()
    {
        _withheld.Keep(1, new byte[8191]);
        _withheld.Keep(2, "xx"u8);
        _withheld.Keep(3, "x"u8);
        _withheld.Keep(4, "x"u8);
        Assert.NotNull(_withheld.Take(1));
        Assert.Null(_withheld.Take(2));
        Assert.NotNull(_withheld.Take(3));
        Assert.Null(_withheld.Take(4));
        _withheld.Keep(5, new byte[8192]);
        Assert.NotNull(_withheld.Take(5));
        _withheld.Keep(6, new byte[8192]);
        _withheld.Forget();
        _withheld.Keep(7, new byte[8192]);
        Assert.NotNull(_withheld.Take(7));
    }
}
