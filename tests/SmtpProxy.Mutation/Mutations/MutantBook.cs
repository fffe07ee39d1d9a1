using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SmtpProxy.Mutation.Mutations;

/// <summary>Gives mutants their numbers and names. What does not compile is struck out, and is not offered again.</summary>
/// <param name="struck">What is known not to compile.</param>
internal sealed class MutantBook(IEnumerable<string> struck)
{
    private readonly Dictionary<string, Mutant> _mutants = [];
    private readonly HashSet<string> _struck = [.. struck];
    private readonly Dictionary<string, int> _sameName = [];
    private readonly Dictionary<SyntaxNode, string> _digests = [];

    /// <summary>Those that are made.</summary>
    public IEnumerable<Mutant> Mutants => _mutants.Values.Where(m => !_struck.Contains(m.Key)).OrderBy(static m => m.Number);

    /// <summary>Those that did not compile, here or in another run.</summary>
    public IReadOnlyCollection<string> Struck => _struck;

    /// <summary>How many were made or struck out this time.</summary>
    public int Offered { get; private set; }

    /// <summary>Numbers go up to this one.</summary>
    public int Last => _mutants.Count;

    /// <summary>Begins to go through the sources again.</summary>
    public void Begin()
    {
        _sameName.Clear();
        Offered = 0;
    }

    /// <summary>Writes one in; null when it was struck out.</summary>
    public Mutant? Offer(string file, string kind, SyntaxNode was, string becomes)
    {
        var member = was.AncestorsAndSelf().OfType<MemberDeclarationSyntax>().First();
        if (!_digests.TryGetValue(member, out var digest))
        {
            digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(member.ToString())))[..8];
            _digests[member] = digest;
        }

        var (wasText, becomesText) = (OneLine(was.ToString()), OneLine(becomes));
        var name = $"{file}|{NameOf(member)}|{digest}|{kind}|{wasText}|{becomesText}";
        var same = _sameName[name] = _sameName.GetValueOrDefault(name) + 1;
        var key = $"{name}|{same}";
        Offered++;
        if (_struck.Contains(key))
        {
            return null;
        }

        if (!_mutants.TryGetValue(key, out var mutant))
        {
            var line = was.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            mutant = new Mutant(_mutants.Count + 1, file, line, NameOf(member), kind, wasText, becomesText, key);
            _mutants.Add(key, mutant);
        }

        return mutant;
    }

    /// <summary>Strikes out what does not compile.</summary>
    public void Strike(int number) => _struck.Add(_mutants.Values.First(m => m.Number == number).Key);

    private static string NameOf(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax m => $"{TypeOf(m)}.{m.Identifier.Text}",
        PropertyDeclarationSyntax p => $"{TypeOf(p)}.{p.Identifier.Text}",
        ConstructorDeclarationSyntax c => $"{TypeOf(c)}.new",
        FieldDeclarationSyntax f => $"{TypeOf(f)}.{f.Declaration.Variables[0].Identifier.Text}",
        OperatorDeclarationSyntax o => $"{TypeOf(o)}.{o.OperatorToken.Text}",
        BaseTypeDeclarationSyntax t => t.Identifier.Text,
        _ => $"{TypeOf(member)}.{member.Kind()}",
    };

    private static string TypeOf(SyntaxNode node) =>
        node.Ancestors().OfType<BaseTypeDeclarationSyntax>().FirstOrDefault()?.Identifier.Text ?? "";

    private static string OneLine(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > 100 ? line[..100] + "…" : line;
    }
}
