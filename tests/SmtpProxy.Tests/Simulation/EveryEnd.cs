using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

/// <summary>An end that was put into a session: after how many events, of which side, and how.</summary>
public readonly record struct InjectedEnd(int After, Leg Of, EndKind How);

/// <summary>Every end at every point: replays a script once for each event in it, each side, and FIN and RST, with that end put in
/// behind the event and the rest of that side's script forgotten.</summary>
public static class EveryEnd
{
    /// <summary>Runs every replay to its end and hands it over to be judged.</summary>
    /// <param name="scripted">Makes the simulation, with a new handler and its script; the same one each time.</param>
    /// <param name="check">Judges a finished replay.</param>
    /// <returns>How many replays there were.</returns>
    public static int Replay(Func<Simulation> scripted, Action<Simulation, InjectedEnd> check)
    {
        ArgumentNullException.ThrowIfNull(scripted);
        ArgumentNullException.ThrowIfNull(check);
        var events = scripted().Run().Steps;
        var replays = 0;
        for (var after = 0; after <= events; after++)
        {
            foreach (var of in (ReadOnlySpan<Leg>)[Leg.Client, Leg.Relay])
            {
                foreach (var how in (ReadOnlySpan<EndKind>)[EndKind.Fin, EndKind.Reset])
                {
                    One(scripted(), new InjectedEnd(after, of, how), check);
                    replays++;
                }
            }
        }

        return replays;
    }

    private static void One(Simulation simulation, InjectedEnd end, Action<Simulation, InjectedEnd> check)
    {
        for (var step = 0; step < end.After; step++)
        {
            simulation.Step();
        }

        simulation.Peer(end.Of).EndsNow(end.How);
        simulation.RunToEnd();
        try
        {
            check(simulation, end);
        }
        catch (Exception failure)
        {
            throw new SimulationException($"{end}: {failure.Message}\n{simulation}", failure);
        }
    }
}
