using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Architecture;

/// <summary>What makes tests fail now and then is not written: fixed sleeps, randomness without a seed.</summary>
public sealed class DeterminismTests
{
    /// <summary>Where time passes on purpose, and why. Waiting for something is no reason: await it, or ask again
    /// until patience is over.</summary>
    private static readonly Dictionary<string, string> Sleeps = new()
    {
        ["Accuracy/DelayingRelay.cs"] = "the delay is what is measured",
        ["Accuracy/ScriptedClients.cs"] = "the delay is what is measured",
        ["Accuracy/ScriptedRelay.cs"] = "the delay is what is measured",
        ["Accuracy/Thinker.cs"] = "the delay is what is measured",
        ["Dashboards/Alerts/SlowDay.cs"] = "how long a process is stopped is what is measured",
        ["Support/Relays/TalkingRelay.cs"] = "a relay that is slower than the objective",
        ["Ends/DripTests.cs"] = "the peer drips for ever; nothing waits for the pause",
        ["Faults/Clients/Rehearsals.cs"] = "a client that comes back after the time that a rule demands",
        ["Fleet/Reading/SealedMembers.cs"] = "the beat of members that are made up; nothing waits for it",
        ["Journal/CompanyTests.cs"] = "the file is moved again and again while sessions are written",
    };

    private static readonly Dictionary<string, string> Unseeded = new()
    {
        ["Faults/Soak/SoakTests.cs"] = "the seed itself is drawn, printed, and can be set",
        ["Support/TestCertificates.cs"] = "serial numbers must differ, and nothing depends on how",
    };

    private static readonly string Folder = Root();

    private static readonly (string Name, string Text)[] Tests =
    [
        .. from path in Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
           let name = Path.GetRelativePath(Folder, path).Replace('\\', '/')
           where !name.Contains("/obj/", StringComparison.Ordinal) && !name.StartsWith("SmtpProxy.Benchmarks/", StringComparison.Ordinal)
               // Load over time is what it is for, and nothing is asserted by it.
               && !name.StartsWith("SmtpProxy.Endurance/", StringComparison.Ordinal)
               && Path.GetFileName(name) != "DeterminismTests.cs"
           select (name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..], File.ReadAllText(path)),
    ];

    /// <summary>A delay under a token of patience is a poll: it ends when what is waited for is there.</summary>
    [Fact]
    public void Sleep_OfAFixedTime_HasAReason() => Holds(@"Thread\.Sleep\(|Task\.Delay\((?!\d+, patience\.Token\))", Sleeps);

    [Fact]
    public void Randomness_Everywhere_HasASeed() => Holds(@"Random\.Shared|new Random\(\)|RandomNumberGenerator\.", Unseeded);

    /// <summary>No file breaks the rule but those with a reason, and no reason stays when its file has gone or keeps the rule.</summary>
    private static void Holds(string pattern, Dictionary<string, string> reasons) =>
        Assert.Equal(reasons.Keys.Order(), (from test in Tests where Regex.IsMatch(test.Text, pattern) select test.Name).Distinct()
            .Order());

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
