using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SmtpProxy.Mutation;

/// <summary>Compiles a project as MSBuild would have, with other sources in the place of some of its own.</summary>
internal sealed class ProjectCompiler
{
    private readonly CSharpCommandLineArguments _arguments;
    private readonly CSharpCompilation _sources;
    private readonly GeneratorDriver _generators;

    private ProjectCompiler(CSharpCommandLineArguments arguments)
    {
        _arguments = arguments;
        var trees = arguments.SourceFiles.Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f.Path), arguments.ParseOptions, f.Path));
        var references = arguments.MetadataReferences.Select(static r => MetadataReference.CreateFromFile(r.Reference, r.Properties));
        var options = arguments.CompilationOptions.WithGeneralDiagnosticOption(ReportDiagnostic.Suppress)
            .WithSpecificDiagnosticOptions([]).WithXmlReferenceResolver(null);
        _sources = CSharpCompilation.Create(arguments.CompilationName, trees, references, options);
        var settings = AnalyzerConfigSet.Create(
            arguments.AnalyzerConfigPaths.Select(static p => AnalyzerConfig.Parse(File.ReadAllText(p), p)).ToList());
        _generators = CSharpGeneratorDriver.Create(Generators(arguments), [], arguments.ParseOptions, new Settings(settings));
        Original = WithGenerated(_sources);
    }

    /// <summary>The project as it is, with what is generated.</summary>
    public CSharpCompilation Original { get; }

    /// <summary>The sources that somebody wrote.</summary>
    public IEnumerable<SyntaxTree> Sources => _sources.SyntaxTrees;

    /// <summary>Asks MSBuild what it would have said to the compiler.</summary>
    public static ProjectCompiler Load(string project)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            "msbuild", project, "-nologo", "-t:PrepareResources;Compile", "-p:Configuration=Release", "-p:ProvideCommandLineArgs=true",
            "-p:SkipCompilerExecution=true", "-p:DesignTimeBuild=true", "-p:BuildProjectReferences=false", "-p:NonExistentFile=__none__",
            "-getItem:CscCommandLineArgs",
        ])
        {
            RedirectStandardOutput = true,
        };
        using var build = Process.Start(start)!;
        using var told = JsonDocument.Parse(build.StandardOutput.ReadToEnd());
        var words = told.RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray()
            .Select(static item => item.GetProperty("Identity").GetString()!);
        var folder = Path.GetDirectoryName(Path.GetFullPath(project))!;
        return new(CSharpCommandLineParser.Default.Parse(words, folder, Path.GetDirectoryName(typeof(object).Assembly.Location)));
    }

    /// <summary>Compiles it with these sources.</summary>
    /// <returns>The errors; none where it was written.</returns>
    public IReadOnlyList<Diagnostic> Emit(IReadOnlyDictionary<SyntaxTree, SyntaxTree> instead, string more, string path)
    {
        var changed = instead.Aggregate(_sources, static (all, pair) => all.ReplaceSyntaxTree(pair.Key, pair.Value))
            .AddSyntaxTrees(CSharpSyntaxTree.ParseText(more, _arguments.ParseOptions));
        using var file = File.Create(path);
        var result = WithGenerated(changed).Emit(file, manifestResources: _arguments.ManifestResources);
        return [.. result.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error)];
    }

    private CSharpCompilation WithGenerated(CSharpCompilation sources)
    {
        _ = _generators.RunGeneratorsAndUpdateCompilation(sources, out var all, out _);
        return (CSharpCompilation)all;
    }

    private static IEnumerable<ISourceGenerator> Generators(CSharpCommandLineArguments arguments) =>
        from path in arguments.AnalyzerReferences.Select(static a => a.FilePath)
        where Path.GetFileName(path) is var name && name.Contains("Generat", StringComparison.Ordinal)
        from generator in new AnalyzerFileReference(path, new Loader()).GetGenerators(LanguageNames.CSharp)
        select generator;

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }

    private sealed class Settings(AnalyzerConfigSet set) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(set.GlobalConfigOptions.AnalyzerOptions);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) =>
            new Values(set.GetOptionsForSourcePath(tree.FilePath).AnalyzerOptions);

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) =>
            new Values(set.GetOptionsForSourcePath(textFile.Path).AnalyzerOptions);
    }

    private sealed class Values(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) =>
            values.TryGetValue(key, out value);
    }
}
