using System.Globalization;
using System.Runtime.InteropServices;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>Gives the proxy a processor of its own, as far as there are two. Attackers, senders and their relay are this process, and in
/// the world they have machines of their own: a proxy that waits for a processor which its attacker has tells of the machine, and not of
/// itself. The first processor is the proxy's, the others are ours (sched_setaffinity(2)).</summary>
internal static partial class Cores
{
    /// <summary>Whether there are enough.</summary>
    public static bool CanBeShared => Environment.ProcessorCount > 1;

    /// <summary>What stands before the command line of a program that has the first processor (taskset(1)).</summary>
    public static IReadOnlyList<string> First { get; } = ["taskset", "-c", "0"];

    /// <summary>Keeps every thread of this process, and those that they begin, away from the first.</summary>
    public static void LeaveFirst()
    {
        var others = (1UL << Math.Min(Environment.ProcessorCount, 63)) - 2;
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            // One that has ended meanwhile needs none.
            _ = SetAffinity(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), sizeof(ulong), in others);
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint length, in ulong processors);
}
