using SmtpProxy.Tests.Differential;

namespace SmtpProxy.Tests.Fuzzing;

/// <summary>What has to hold for any octets, for the corpus and for inputs made of it. <c>tests/fuzz</c>
/// tries more, and of any seed.</summary>
public sealed class FuzzTargetTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fuzzing", "corpus");

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(static t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Target_GivenAnything_KeepsItsPromises(string name)
    {
        var target = FuzzTargets.Named(name);
        var corpus = Directory.Exists(Path.Combine(Folder, name))
            ? Directory.EnumerateFiles(Path.Combine(Folder, name)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList() : [];
        var found = FuzzRun.Go(target, corpus, (int)Seeds.Seed,
            Seeds.Many("SMTPPROXY_FUZZ", name is "pipeline" or "settings" ? 150 : 5_000));
        Assert.True(found is null, found is { } f
            ? $"{Convert.ToHexString(f.Input)}\n{Simulation.Transcript.Show(f.Input)}\n{f.Failure}" : "");
    }
}
