using SmtpProxy.FunctionalTests.Support;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer($"SmtpProxy.FunctionalTests.Support.{nameof(SlowestFirst)}", "SmtpProxy.FunctionalTests")]

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>What takes longest begins first: what is one after the other in itself would else run at the end,
/// with nothing beside it.</summary>
public sealed class SlowestFirst : ITestCollectionOrderer
{
    /// <summary>Collections, and classes that are a collection of their own, the slowest first. Where one is missing, or stands too far
    /// down, the run takes longer, and nothing else happens.</summary>
    internal static readonly string[] Slow =
    [
        "Crowded", "LivePageTests", "Fleet", "PackageTests", "DockerfileTests", "DeadRelayPageTests", "LiveAlertTests", "PrometheusTests",
        "PageStatesTests", "PodTests", "PoolTests", "HostileWordsTests", "FirstShellSnippetTests", "SecondShellSnippetTests",
        "ThirdShellSnippetTests", "EpollConformanceTests", "PortableConformanceTests", "DripTests", "SlowReaderTests", "DemoTests",
        "RunTests", "PrivacyTests", "ExemplarTests", "CiExampleTests", "ExportTests", "EximTests", "PostfixTests",
        "IdleFaultsConformanceTests", "LaxRelayTests", "LibraryTests", "TerminalTests", "ComposeTests", "SnippetTests", "ListenerTests",
        "TroubleTests", "CompanyTests", "StopTests", "FloodingRelayTests", "RelayEndTests", "ReloadTests", "RequiredOfRelaysTests",
        "RequireTests", "CertificatePrivacyTests", "TraceTests", "DifferentialSocketTests", "CheckAskTests",
        "EpollSecuredConformanceTests", "PortableSecuredConformanceTests", "LateVerdictTests", "TlsFaultTests", "FaultsApiTests",
        "OpenSmtpdTests",
    ];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(static c => RankOf(c.DisplayName)).ThenBy(static c => c.DisplayName, StringComparer.Ordinal);

    // "Crowded", or "Test collection for SmtpProxy.FunctionalTests.Upstreams.PoolTests".
    private static int RankOf(string name) =>
        Array.IndexOf(Slow, name[(name.LastIndexOf('.') + 1)..]) is >= 0 and var rank ? rank : Slow.Length;
}
