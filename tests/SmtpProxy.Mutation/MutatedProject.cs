using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using SmtpProxy.Mutation.Mutations;

namespace SmtpProxy.Mutation;

/// <summary>Makes one assembly that has every mutant in it. A mutant that does not compile is struck out.</summary>
internal static class MutatedProject
{
    /// <summary>Writes the assembly.</summary>
    /// <param name="compiler">The project.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="rooms">Only what is in these folders or files is mutated; all where there are none.</param>
    /// <param name="path">Where the assembly goes.</param>
    /// <param name="struckPath">Where those stand that did not compile, so that they need not be found out again.</param>
    public static IReadOnlyList<Mutant> Write(ProjectCompiler compiler, string folder, IReadOnlyList<string> rooms, string path,
        string struckPath)
    {
        var book = new MutantBook(File.Exists(struckPath) ? File.ReadAllLines(struckPath) : []);
        var sources = compiler.Sources.Where(tree => IsIn(Path.GetRelativePath(folder, tree.FilePath), rooms)).ToList();
        for (var round = 1; ; round++)
        {
            book.Begin();
            var mutated = sources.ToDictionary(static tree => tree, tree => Mutated(compiler.Original, tree, folder, book));
            var errors = compiler.Emit(mutated, Switches.Source(book.Last), path);
            if (errors.Count == 0)
            {
                File.WriteAllLines(struckPath, book.Struck);
                Console.WriteLine($"{book.Mutants.Count()} mutants; {book.Offered - book.Mutants.Count()} more do not compile");
                return [.. book.Mutants];
            }

            var struck = errors.SelectMany(e => At(e)).Distinct().ToList();
            if (struck.Count == 0 || round == 20)
            {
                throw new InvalidOperationException("the mutated project does not compile: " + errors[0]);
            }

            struck.ForEach(book.Strike);
        }
    }

    private static bool IsIn(string file, IReadOnlyList<string> rooms) => !file.StartsWith("..", StringComparison.Ordinal)
        && !file.Contains("/obj/", StringComparison.Ordinal)
        && (rooms.Count == 0 || rooms.Any(r => file.StartsWith(r, StringComparison.Ordinal)));

    private static SyntaxTree Mutated(CSharpCompilation compilation, SyntaxTree tree, string folder, MutantBook book)
    {
        var mutator = new Mutator(compilation.GetSemanticModel(tree), Path.GetRelativePath(folder, tree.FilePath), book);
        return tree.WithRootAndOptions(mutator.Visit(tree.GetRoot())!, tree.Options);
    }

    /// <summary>The mutants that an error is about: the one it is in; else what is in the member that it is in, what may
    /// not be reached or assigned first.</summary>
    private static IEnumerable<int> At(Diagnostic error)
    {
        if (error.Location.SourceTree?.GetRoot() is not { } root)
        {
            return [];
        }

        var node = root.FindNode(error.Location.SourceSpan, getInnermostNodeForTie: true);
        var inside = node.AncestorsAndSelf().FirstOrDefault(static n => n.HasAnnotations(Switches.Mark));
        if (inside is not null && error.Id is not ("CS0165" or "CS0170" or "CS0177" or "CS0161"))
        {
            return [NumberOf(inside)];
        }

        var member = node.AncestorsAndSelf().OfType<MemberDeclarationSyntax>().FirstOrDefault();
        var all = member?.GetAnnotatedNodes(Switches.Mark).ToList() ?? [];
        // What is not assigned for certain was assigned in a statement or a condition that names it.
        var text = root.GetText().ToString(error.Location.SourceSpan);
        var named = error.Id is "CS0165" or "CS0177"
            ? all.Where(n => n.DescendantTokens().Any(t => t.Text == text || error.GetMessage(CultureInfo.InvariantCulture)
                .Contains($"'{t.Text}'", StringComparison.Ordinal))).ToList() : [];
        var flow = all.Where(static n => n is StatementSyntax or SwitchExpressionArmSyntax or CasePatternSwitchLabelSyntax).ToList();
        return (named.Count > 0 ? named : flow.Count > 0 ? flow : all).Select(NumberOf);
    }

    private static int NumberOf(SyntaxNode node) =>
        int.Parse(node.GetAnnotations(Switches.Mark).First().Data!, CultureInfo.InvariantCulture);
}
