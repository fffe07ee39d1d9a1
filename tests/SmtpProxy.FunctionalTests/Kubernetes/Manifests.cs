using System.Collections.Concurrent;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Kubernetes;

/// <summary>What <c>kubectl apply -k</c> would send of a folder below <c>deploy/kubernetes</c>, and what is wrong with it.</summary>
internal sealed record Manifests(IReadOnlyList<JsonElement> Documents, IReadOnlyList<string> Problems)
{
    /// <summary>What was rendered, by the folder and the components: many tests look at the same.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<Task<Manifests>>> s_rendered = [];

    /// <summary>Whether kubectl knows components: Debian's is from before them.</summary>
    private static readonly Lazy<Task<bool>> s_knowsComponents = new(KnowsComponentsAsync);

    /// <summary>The folder of bases, components and overlays.</summary>
    public static string Folder { get; } = Path.Combine(SourceFolder.Root, "deploy", "kubernetes");

    /// <summary>Each container of each pod, with the name of what it belongs to.</summary>
    public IEnumerable<JsonElement> Containers =>
        from pod in Pods
        from list in new[] { "initContainers", "containers" }
        where pod.TryGetProperty(list, out _)
        from container in pod.GetProperty(list).EnumerateArray()
        select container;

    /// <summary>The <c>spec</c> of each pod that a workload makes.</summary>
    public IEnumerable<JsonElement> Pods =>
        from document in Documents
        where document.GetProperty("kind").GetString() is "Deployment" or "StatefulSet" or "DaemonSet"
        select document.At("spec", "template", "spec");

    /// <summary>Renders an overlay.</summary>
    public static Task<Manifests> OfOverlayAsync(string name) => OnceAsync(name, () => RenderAsync(Path.Combine(Folder, "overlays", name)));

    /// <summary>Renders the base with one component.</summary>
    public static Task<Manifests> WithComponentAsync(string name) => WithComponentsAsync("base", name);

    /// <summary>Renders the base, or an overlay, with components.</summary>
    /// <param name="resource">Its folder.</param>
    /// <param name="components">Their names.</param>
    public static Task<Manifests> WithComponentsAsync(string resource, params string[] components) =>
        OnceAsync($"{resource} {string.Join(' ', components)}", () => ComposeAsync(resource, components));

    private static Task<Manifests> OnceAsync(string what, Func<Task<Manifests>> render) =>
        s_rendered.GetOrAdd(what, static (_, render) => new Lazy<Task<Manifests>>(render), render).Value;

    private static async Task<Manifests> ComposeAsync(string resource, string[] components)
    {
        // Kustomize takes no absolute path, and nothing from outside the folder that it is given but other such folders.
        var folder = Directory.CreateTempSubdirectory("smtpproxy-kustomize-");
        try
        {
            var up = Path.GetRelativePath(folder.FullName, Folder);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "kustomization.yaml"),
                $"kind: Kustomization\nnamespace: mail\nresources: [{up}/{resource}]\ncomponents: "
                + $"[{string.Join(", ", components.Select(name => $"{up}/components/{name}"))}]\n");
            return await RenderAsync(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Reads manifests as YAML.</summary>
    public static async Task<Manifests> ReadAsync(string yaml)
    {
        var read = await ManifestJudge.JudgeAsync(yaml);
        return new Manifests([.. read.GetProperty("documents").EnumerateArray()],
            [.. read.GetProperty("problems").EnumerateArray().Select(static p => p.GetString()!)]);
    }

    /// <summary>The one document of this kind and name.</summary>
    public JsonElement One(string kind, string name) => Documents.Single(d =>
        d.GetProperty("kind").GetString() == kind && d.At("metadata", "name").GetString() == name);

    private static async Task<Manifests> RenderAsync(string folder) => await ReadAsync(await KustomizeAsync(folder));

    private static async Task<string> KustomizeAsync(string folder)
    {
        Skip.IfNot(await s_knowsComponents.Value, "no kubectl with Kustomize 5 is installed, and Debian has none");
        return await Command.SucceedAsync("kubectl", ["kustomize", folder]);
    }

    private static async Task<bool> KnowsComponentsAsync()
    {
        try
        {
            var (_, version) = await Command.RunAsync("kubectl", ["version", "--client", "--output=json"]);
            return version.Contains("\"kustomizeVersion\": \"v5.", StringComparison.Ordinal);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is none.
            return false;
        }
    }
}
