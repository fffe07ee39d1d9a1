using System.Text.Json;
using SmtpProxy.FunctionalTests.Conformance;

namespace SmtpProxy.FunctionalTests.Diagnosis;

/// <summary>Each diagnosis that a dialogue can lead to, provoked over real sockets, on both transports.</summary>
public abstract class DialogueTests<TTransport>(ReplayedProxy<TTransport> proxy) : IClassFixture<ReplayedProxy<TTransport>>
    where TTransport : ITransportName
{
    [Theory]
    [MemberData(nameof(Scenes.Failing), MemberType = typeof(Scenes))]
    public async Task Session_ThatFailed_IsDiagnosed(string diagnosis, int script)
    {
        var found = (await proxy.ReplayAsync(Script.Events(Scenes.Failures[script].Lines), whole: true)).GetProperty("diagnosis");

        Assert.Equal(diagnosis, found.GetProperty("code").GetString());
        Assert.False(string.IsNullOrWhiteSpace(found.GetProperty("remedy").GetString()));
        Assert.DoesNotContain("example", found.GetProperty("evidence").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(diagnosis == "unclear", found.TryGetProperty("candidates", out _));
    }

    [Theory]
    [MemberData(nameof(Scenes.Succeeding), MemberType = typeof(Scenes))]
    public async Task Session_ThatWentWell_HasNoDiagnosis(int script) =>
        Assert.Equal(JsonValueKind.Null, (await proxy.ReplayAsync(Script.Events(Scenes.Successes[script]), whole: true))
            .GetProperty("diagnosis").ValueKind);
}

/// <summary>On the epoll transport.</summary>
public sealed class EpollDialogueTests(ReplayedProxy<EpollName> proxy) : DialogueTests<EpollName>(proxy);

/// <summary>On the portable transport.</summary>
public sealed class PortableDialogueTests(ReplayedProxy<PortableName> proxy) : DialogueTests<PortableName>(proxy);
