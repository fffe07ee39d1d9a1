using System.Text.Json;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.FunctionalTests.Conformance;

/// <summary>Recorded dialogues through the running proxy: every octet arrives unchanged, every end is passed on, and the journal's line is
/// the expected record.</summary>
public abstract class ConformanceTests<TTransport>(ReplayedProxy<TTransport> proxy) : IClassFixture<ReplayedProxy<TTransport>>
    where TTransport : ITransportName
{
    [Theory]
    [MemberData(nameof(RecordedDialogues.All), MemberType = typeof(RecordedDialogues))]
    public async Task Dialogue_ThroughTheProxy_PassesUnchangedAndIsTheExpectedRecord(string name, bool whole)
    {
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(RecordedDialogues.PathOf(name)));

        var line = await proxy.ReplayAsync(document.RootElement.GetProperty("events"), whole);

        var expect = document.RootElement.GetProperty("expect");
        if (!expect.TryGetProperty("ambiguous", out _))
        {
            Assert.Equal([], ExpectedRecord.Differences(expect, line));
        }
    }
}

/// <summary>Over epoll.</summary>
public sealed class EpollConformanceTests(ReplayedProxy<EpollName> proxy) : ConformanceTests<EpollName>(proxy);

/// <summary>With faults enabled of which none strikes: the same octets, the same record.</summary>
public sealed class IdleFaultsConformanceTests(ReplayedProxy<IdleFaultsName> proxy) : ConformanceTests<IdleFaultsName>(proxy);

/// <summary>Over sockets and pipes.</summary>
public sealed class PortableConformanceTests(ReplayedProxy<PortableName> proxy) : ConformanceTests<PortableName>(proxy);
