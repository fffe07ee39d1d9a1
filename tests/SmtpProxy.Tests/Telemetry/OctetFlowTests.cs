using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry;

public sealed class OctetFlowTests
{
    [Fact]
    public void Octets_OfEachLeg_AreCountedApart()
    {
        var flow = default(OctetFlow);
        flow.Read(Leg.Client, 10);
        flow.Count(Leg.Client, 5);
        flow.Read(Leg.Relay, 7);

        Assert.Equal((15, 7), (flow.ClientOctets, flow.RelayOctets));
        Assert.Equal((Leg.Relay, 7), (flow.ReadFrom, flow.Position));
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    public void Wait_ForALegThatTakesNothing_ComesBeforeTheTurn(bool client, bool relay, bool isRelays)
    {
        var flow = default(OctetFlow);
        flow.Block(Leg.Client, client);
        flow.Block(Leg.Relay, relay);

        Assert.Equal(isRelays ? Owner.Relay : Owner.Client, flow.WaitsFor(Owner.Relay));
    }

    [Fact]
    public void FinalReply_UntilTheClientTakesOctets_IsUnseen()
    {
        var flow = default(OctetFlow);
        flow.FinalReply(accepted: true);
        flow.FinalReply(accepted: false);
        flow.Block(Leg.Relay, false);
        flow.Block(Leg.Client, true);
        Assert.Equal((1, 1), (flow.UnseenAcceptances, flow.UnseenRefusals));

        flow.Block(Leg.Client, false);
        Assert.Equal((0, 0), (flow.UnseenAcceptances, flow.UnseenRefusals));
    }

    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(false, true, 0)]
    [InlineData(true, false, 1)]
    public void FinalReply_ThatAClientWasToldLast_IsUnseenWhereItsKernelDoesNotTakeIt(bool leaves, bool isReceived, int unseen)
    {
        var flow = default(OctetFlow);
        flow.FinalReply(accepted: true);
        flow.Block(Leg.Client, false);
        Assert.True(flow.OwesReceipt);
        if (leaves)
        {
            flow.Ended(Leg.Client, EndKind.Fin);
        }

        // A client that goes on has what it was told before.
        flow.Read(Leg.Client, 6);
        flow.Receipt(isReceived);
        Assert.Equal(unseen, flow.UnseenAcceptances);
        Assert.False(flow.OwesReceipt);
    }
}
