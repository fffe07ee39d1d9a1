using System.Text;
using System.Text.Json;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tests.Sessions;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.Tests.Differential;

/// <summary>Plays a script between a simulated client and a simulated relay in lock-step: a side speaks when everything that the
/// other said has been read.</summary>
internal sealed class SimulatedPlayer(Surroundings around)
{
    /// <summary>What differs from the truth, in words; empty: nothing.</summary>
    public IReadOnlyList<string> Play(Script script, int seed)
    {
        if (!around.CanHold(script))
        {
            return [];
        }

        var bed = around.Bed(seed);
        var sim = bed.Sim;
        around.Begin(sim);
        var toRelay = sim.Relay.Octets.Count;
        for (var n = 0; n < script.Pieces.Count; n++)
        {
            var piece = script.Pieces[n];
            if (n == script.EndsAt)
            {
                sim.Client.Fin();
                sim.Run();
            }

            (piece.IsClients ? sim.Client : sim.Relay).Says(Encoding.Latin1.GetBytes(piece.Octets));
            around.Said(sim);
            if (n == 0)
            {
                around.Greeted(sim);
                toRelay = sim.Relay.Octets.Count;
            }
        }

        End(sim, script.Ending, isHalf: script.EndsAt < script.Pieces.Count);
        if (!sim.IsClosed)
        {
            sim.RunToEnd();
        }

        var differences = new List<string>();
        // A reset overtakes what is held until it is understood.
        var mayLose = around.Holds && script.Ending.How == EndWord.Reset;
        Compare("relay", string.Concat(script.Pieces.Where(static p => p.IsClients).Select(static p => p.Octets)),
            sim.Relay.Heard[toRelay..], mayLose, differences);
        Compare("client", around.Shown(string.Concat(script.Pieces.Where(static p => !p.IsClients).Select(static p => p.Octets))),
            sim.Client.Heard, mayLose, differences);
        var expected = JsonSerializer.SerializeToElement(around.Expected(script.Record));
        differences.AddRange(ExpectedRecord.Differences(expected, bed.Record));
        if (bed.Record.GetProperty("outcome").GetString() is var outcome && outcome != expected.GetProperty("outcome").GetString())
        {
            differences.Add($"outcome: want {expected.GetProperty("outcome")}, got {outcome}");
        }

        if (bed.Relays.Open != 0 || bed.Host.Count != 0)
        {
            differences.Add("the session has not let go of its relay, or of its place");
        }

        return differences;
    }

    private static void Compare(string who, string want, string got, bool mayLose, List<string> differences)
    {
        if (want != got && !(mayLose && want.StartsWith(got, StringComparison.Ordinal)))
        {
            var at = want.AsSpan().CommonPrefixLength(got);
            differences.Add(
                $"octets to the {who}: from {at} on, of {want.Length} and {got.Length}: want " +
                    $"{want[at..][..Math.Min(40, want.Length - at)]}, got {got[at..][..Math.Min(40, got.Length - at)]}");
        }
    }

    private static void End(Simulation.Simulation sim, Ending ending, bool isHalf)
    {
        var (first, second) = ending.ByClient ? (sim.Client, sim.Relay) : (sim.Relay, sim.Client);
        if (!isHalf)
        {
            _ = ending.How == EndWord.Reset ? first.Resets() : first.Fin();
            sim.Run();
        }

        if (ending.How != EndWord.Reset && !sim.IsClosed)
        {
            second.Fin();
            sim.Run();
        }
    }
}
