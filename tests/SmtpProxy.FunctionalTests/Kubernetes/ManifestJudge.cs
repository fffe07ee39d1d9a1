using System.Diagnostics;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Kubernetes;

/// <summary>What judges manifests: one process for all tests, since a compiler and the types of Kubernetes take two seconds of a processor
/// to load. It ends when this process does, and its input with it.</summary>
internal sealed class ManifestJudge
{
    private static readonly SemaphoreSlim s_turn = new(1);
    private static readonly Lazy<ManifestJudge> s_judge = new(static () => new ManifestJudge());
    private readonly Process _node;
    private readonly Task<string> _errors;

    private ManifestJudge()
    {
        var node = PeerTool.Require("node");
        var modules = PeerTool.RequireUnpacked(Path.Combine("kubernetes", "node_modules"));
        var script = Path.Combine(SourceFolder.Root, "tests", "SmtpProxy.FunctionalTests", "Kubernetes", "manifests.mjs");
        _node = Process.Start(new ProcessStartInfo(node, [script, modules])
            { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _errors = _node.StandardError.ReadToEndAsync();
    }

    /// <summary>Judges YAML; skips the test where nothing is installed that can.</summary>
    public static Task<JsonElement> JudgeAsync(string yaml) => s_judge.Value.AskAsync(yaml);

    private async Task<JsonElement> AskAsync(string yaml)
    {
        await s_turn.WaitAsync();
        try
        {
            await _node.StandardInput.WriteLineAsync(JsonSerializer.Serialize(yaml));
            await _node.StandardInput.FlushAsync();
            var answer = await _node.StandardOutput.ReadLineAsync().WaitAsync(ProxyProcess.Patience);
            return answer is not null ? JsonElement.Parse(answer)
                : throw new InvalidOperationException($"The judge has ended:\n{await _errors}");
        }
        finally
        {
            s_turn.Release();
        }
    }
}
