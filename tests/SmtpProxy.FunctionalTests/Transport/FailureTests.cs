using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>Handlers that throw, wherever they are called.</summary>
public sealed class FailureTests
{
    public static TheoryData<string, string> Everywhere
    {
        get
        {
            var places = new TheoryData<string, string>();
            foreach (var transport in Transports.Names)
            {
                foreach (var place in (ReadOnlySpan<string>)["Received", "Ended", "TimedOut", "Signalled", "Drained", "Spliced"])
                {
                    places.Add(transport, place);
                }
            }

            return places;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task Handler_ThrowsAnywhere_BothLegsAreResetAndItIsLogged(string transport, string place)
    {
        await using var rig = new Rig(transport, session => Arrange(session, place));
        var (client, relay, session) = await rig.Join();
        var (_, otherRelay, other) = await rig.Join();
        switch (place)
        {
            case "Received" or "Spliced":
                await client.Says("x");
                break;
            case "Ended":
                client.Fin();
                break;
            default:
                session.Pair.Signal(1);
                break;
        }

        Assert.Equal(EndKind.Reset, (await relay.ReadToEnd()).End);
        Assert.Equal(EndKind.Reset, (await client.ReadToEnd()).End);
        await session.Log.Saw("Closed");
        Assert.Contains(rig.Errors.Errors, error => error.Cause is InvalidOperationException { Message: "a bug" });
        await otherRelay.Says("unharmed");
        await other.Log.Saw("Received Relay");
    }

    private static void Arrange(TestSession session, string place)
    {
        static void Fail() => throw new InvalidOperationException("a bug");
        switch (place)
        {
            case "Received":
                session.OnReceived = (from, octets) =>
                {
                    if (from == Leg.Client)
                    {
                        Fail();
                    }

                    session.Mirror(from, octets);
                };
                break;
            case "Ended":
                session.OnEnded = (_, _) => Fail();
                break;
            case "TimedOut":
                session.OnSignalled = _ => session.Pair.SetTimer(PairTimer.Session, TimeSpan.Zero);
                session.OnTimedOut = _ => Fail();
                break;
            case "Signalled":
                session.OnSignalled = _ => Fail();
                break;
            case "Drained":
                session.OnSignalled = _ => session.Pair.Send(Leg.Relay, new byte[48_000_000]);
                session.OnDrained = _ => Fail();
                break;
            default:
                session.OnDialled = _ =>
                {
                    session.Pair.Splice(Leg.Client, long.MaxValue);
                    session.Pair.Resume(Leg.Client);
                };
                session.OnSpliced = Fail;
                break;
        }
    }
}
