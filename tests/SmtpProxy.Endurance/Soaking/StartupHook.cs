using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.InteropServices;

/// <summary>
/// A leak on purpose: the runtime of the product calls this before the program where <c>DOTNET_STARTUP_HOOKS</c> names this assembly. For
/// each session that the product counts something is kept for ever. A soak that does not fail for it could not fail for a leak of the
/// product's. The runtime finds it by its name, in no namespace.
/// </summary>
internal static class StartupHook
{
    /// <summary>Octets of managed memory that are kept with each session.</summary>
    internal const string Managed = "SMTPPROXY_SOAK_LEAK";

    /// <summary>Octets of native memory.</summary>
    internal const string Native = "SMTPPROXY_SOAK_LEAK_NATIVE";

    private static readonly List<byte[]> Kept = [];
    private static readonly MeterListener Listener = new();

    /// <summary>Begins to leak.</summary>
    public static void Initialize()
    {
        var (managed, native) = (Octets(Managed), Octets(Native));
        Listener.InstrumentPublished = static (instrument, listener) =>
        {
            // What is counted of sessions that ended is asked for, and told to nobody.
            if (instrument.Name == "smtpproxy.active_sessions")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        Listener.SetMeasurementEventCallback<long>((_, more, _, _) =>
        {
            if (more > 0)
            {
                Keep(managed, native);
            }
        });
        Listener.Start();
    }

    private static void Keep(int managed, int native)
    {
        lock (Kept)
        {
            Kept.Add(new byte[managed]);
        }

        unsafe
        {
            // Written to, for memory that nobody touches is not resident.
            new Span<byte>((void*)Marshal.AllocHGlobal(native), native).Fill(1);
        }
    }

    private static int Octets(string name) => int.Parse(Environment.GetEnvironmentVariable(name) ?? "0", CultureInfo.InvariantCulture);
}
