using CsCheck;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Epoll;

namespace SmtpProxy.Tests.Transport.Epoll;

public sealed class EventTagTests
{
    [Fact]
    public void OfLeg_AnyPlace_IsReadBack() =>
        Gen.Select(Gen.UInt[1, uint.MaxValue], Gen.Int[0, int.MaxValue], Gen.Bool).Sample((generation, slot, isRelay) =>
        {
            var leg = isRelay ? Leg.Relay : Leg.Client;
            var tag = new EventTag(EventTag.OfLeg(generation, slot, leg));
            return tag.IsLeg && tag.Generation == generation && tag.Slot == slot && tag.Leg == leg;
        });

    [Fact]
    public void OfListener_AnyNumber_IsNeitherLegNorBell() =>
        Gen.Int[0, 100_000].Sample(number =>
        {
            var tag = new EventTag(EventTag.OfListener(number));
            return !tag.IsLeg && tag.Data != EventTag.Bell && tag.Listener == number;
        });
}
