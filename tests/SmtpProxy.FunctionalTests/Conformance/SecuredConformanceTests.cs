using System.Text.Json;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.FunctionalTests.Conformance;

/// <summary>Recorded dialogues inside TLS that ends at the listener, with a relay in the clear: every octet arrives, every end is passed
/// on, and the journal's line is the expected record of what was said inside.</summary>
public abstract class SecuredConformanceTests<TTransport>(SecuredProxy<TTransport> proxy) : IClassFixture<SecuredProxy<TTransport>>
    where TTransport : ITransportName
{
    [Theory]
    [MemberData(nameof(SecuredDialogues.All), MemberType = typeof(SecuredDialogues))]
    public async Task Dialogue_InsideTls_PassesUnchangedAndIsTheExpectedRecord(string name, string listener, bool whole)
    {
        var dialogue = await SecuredDialogue.ReadAsync(name, isStartTls: listener == SecuredDialogues.StartTls);

        var line = await proxy.ReplayAsync(dialogue, listener, whole);

        Assert.Equal([], dialogue.Expected is { } expected
            ? ExpectedRecord.Differences(JsonSerializer.SerializeToElement(expected), line) : []);
    }
}

/// <summary>Over epoll.</summary>
public sealed class EpollSecuredConformanceTests(SecuredProxy<EpollName> proxy) : SecuredConformanceTests<EpollName>(proxy);

/// <summary>Over sockets and pipes.</summary>
public sealed class PortableSecuredConformanceTests(SecuredProxy<PortableName> proxy) : SecuredConformanceTests<PortableName>(proxy);
