using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tests.Differential;
using SmtpProxy.Tests.Sessions;

namespace SmtpProxy.Tests.Fuzzing;

/// <summary>A session with any filters and any octets of both sides, cut and ordered by a seed that the input says: it ends, has a record,
/// and lets go of everything; and nothing is invented, changed or out of order on the way.</summary>
internal static class PipelineTarget
{
    private static readonly string[] Names = [.. Surroundings.Names.Where(static n => !n.StartsWith("slow", StringComparison.Ordinal))];

    public static void Try(byte[] input)
    {
        if (input.Length < 2)
        {
            return;
        }

        var around = Surroundings.Named(Names[input[0] % Names.Length]);
        var bed = around.Bed(input[1]);
        around.Begin(bed.Sim);
        var leg = Leg.Relay;
        foreach (var part in Parts(input.AsMemory(2)))
        {
            (leg == Leg.Client ? bed.Sim.Client : bed.Sim.Relay).Says(part.ToArray());
            bed.Sim.Run();
            leg = leg.Other();
        }

        End(bed, input[1]);
        FuzzTarget.Holds(bed.Host.Count == 0 && bed.Relays.Open == 0, "it has not let go of its relay, or of its place");
        _ = bed.Record;
        if (input[0] % Names.Length == 0)
        {
            // What the proxy answers itself is left out, such as XCLIENT; nothing is put in.
            FuzzTarget.Holds(IsWithin(bed.Sim.Relay.Heard, bed.Sim.Client.Said), "the relay heard what nobody said");
        }
    }

    /// <summary>All of it is there, in its order.</summary>
    private static bool IsWithin(string part, string all)
    {
        var at = 0;
        foreach (var octet in part)
        {
            at = all.IndexOf(octet, at) + 1;
            if (at == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static void End(SessionBed bed, byte how)
    {
        var (first, second) = (how & 1) == 0 ? (bed.Sim.Client, bed.Sim.Relay) : (bed.Sim.Relay, bed.Sim.Client);
        first.EndsNow((how & 2) == 0 ? EndKind.Fin : EndKind.Reset);
        bed.Sim.Run();
        if (!bed.Sim.IsClosed)
        {
            second.EndsNow(EndKind.Fin);
            bed.Sim.RunToEnd();
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Parts(ReadOnlyMemory<byte> input)
    {
        while (!input.IsEmpty)
        {
            var end = input.Span.IndexOf(DialogueTarget.OtherSide);
            yield return end < 0 ? input : input[..end];
            input = end < 0 ? default : input[(end + 1)..];
        }
    }
}
