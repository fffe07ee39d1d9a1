using SmtpProxy.FunctionalTests.Support;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer($"SmtpProxy.FunctionalTests.Support.{nameof(SlowestFirst)}", "SmtpProxy.FunctionalTests")]

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>What takes longest begins first: what is one after the other in itself would else run at the end,
/// with nothing beside it.</summary>
public sealed class SlowestFirst : ITestCollectionOrderer
{
    /// <summary>Collections, and classes that are a collection of their own, with the seconds that each took beside five others. Where one
    /// is missing, or is wrong, the run takes longer, and nothing else happens.</summary>
    private static readonly Dictionary<string, int> Seconds = new()
    {
        ["LivePageTests"] = 477, ["Fleet"] = 454, ["Crowded"] = 402, ["DeadRelayPageTests"] = 286, ["PackageTests"] = 232,
        ["DockerfileTests"] = 206, ["PageStatesTests"] = 168, ["LiveAlertTests"] = 134, ["PrometheusTests"] = 87,
        ["HostileWordsTests"] = 84, ["PoolTests"] = 78, ["DripTests"] = 50, ["LibraryTests"] = 48, ["ExemplarTests"] = 41,
        ["PodTests"] = 40, ["DemoTests"] = 36, ["PageMemoryTests"] = 33, ["SnippetTests"] = 29, ["FirstShellSnippetTests"] = 28,
        ["PostfixTests"] = 27, ["ReloadTests"] = 26, ["ListenerTests"] = 25, ["ThirdShellSnippetTests"] = 25, ["SlowReaderTests"] = 24,
        ["RelayEndTests"] = 24, ["RequireTests"] = 23, ["LaxRelayTests"] = 23, ["ComposeTests"] = 23, ["CompanyTests"] = 21,
        ["RequiredOfRelaysTests"] = 20, ["StopTests"] = 20, ["ExportTests"] = 20, ["TerminalTests"] = 20, ["CheckAskTests"] = 18,
        ["EximTests"] = 18, ["PortableConformanceTests"] = 18, ["PrivacyTests"] = 17, ["TroubleTests"] = 17,
        ["IdleFaultsConformanceTests"] = 17, ["CiExampleTests"] = 16, ["OpenSmtpdTests"] = 15, ["RunTests"] = 15,
        ["SecondShellSnippetTests"] = 13, ["ExhaustionTests"] = 13, ["StreamBoundsTests"] = 13, ["BackPressureTests"] = 12,
        ["FloodingRelayTests"] = 11, ["KeyUpdateTests"] = 11, ["EpollConformanceTests"] = 10, ["LiveTrafficTests"] = 10,
        // 95 seconds in which nothing else runs.
        ["Alone"] = 570,
    };

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(static c => SecondsOf(c.DisplayName)).ThenBy(static c => c.DisplayName, StringComparer.Ordinal);

    /// <summary>What a collection takes: "Crowded", or "Test collection for SmtpProxy.FunctionalTests.Upstreams.PoolTests".</summary>
    internal static int SecondsOf(string collection) => Seconds.GetValueOrDefault(collection[(collection.LastIndexOf('.') + 1)..], 3);
}
