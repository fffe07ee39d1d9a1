using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Tests.Transport;

public sealed class PortionTests
{
    private static readonly long _aMoment = Turn.OfALeg;

    [Fact]
    public void Portion_OfWhatIsDear_ShrinksToWhatAMomentIsEnoughFor_AndNotBelowTheLeast()
    {
        var portion = new Portion();
        var first = portion.Octets;
        portion.Took(first, 2 * _aMoment);
        Assert.Equal(first / 2, portion.Octets);
        portion.Took(portion.Octets, 1000 * _aMoment);
        Assert.Equal(Portion.Smallest, portion.Octets);
    }

    [Fact]
    public void Portion_OfWhatCostsNothing_GrowsWhileItIsUsedUp()
    {
        var portion = new Portion();
        portion.Took(portion.Octets / 2, 0);
        var first = portion.Octets;
        for (var n = 0; n < 10; n++)
        {
            portion.Took(portion.Octets, _aMoment / 10);
        }

        Assert.Equal((4 * 1024, Portion.Largest), (first, portion.Octets));
        portion.Took(portion.Octets, _aMoment);
        Assert.Equal(Portion.Largest, portion.Octets);
    }

    [Fact]
    public void Portion_OfALegThatWasInterruptedOnce_GrowsAgain()
    {
        var portion = new Portion();
        portion.Took(portion.Octets, 1000 * _aMoment);
        for (var n = 0; n < 10; n++)
        {
            // As a transport does it: what is not judged is not told.
            Assert.True(portion.Judges(portion.Octets));
            portion.Took(portion.Octets, _aMoment / 10);
        }

        Assert.Equal(Portion.Largest, portion.Octets);
        Assert.False(portion.Judges(Portion.Smallest));
    }
}
