using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace SmtpProxy.Mutation.Mutations;

/// <summary>The switch that stands before each mutant in the compiled product: all are in one assembly, and one
/// field says which is on.</summary>
internal static class Switches
{
    /// <summary>Marks what belongs to a mutant, so that an error of the compiler can be traced to it.</summary>
    public const string Mark = "mutant";

    /// <summary>The type that holds the switches, compiled into the product.</summary>
    public static string Source(int last) => $$"""
        /// <summary>Which mutant is on.</summary>
        internal static class MutationSwitch
        {
            public static int Active;
            public static bool Watching;
            public static readonly byte[] Reached = new byte[{{last + 1}}];

            public static bool On(int number)
            {
                if (Watching)
                {
                    Reached[number] = 1;
                }

                return number == Active;
            }
        }
        """;

    /// <summary>Whether that mutant is on, as an expression.</summary>
    public static ExpressionSyntax On(int number) => ParseExpression($"global::MutationSwitch.On({number})");

    /// <summary>One expression or the other.</summary>
    public static ExpressionSyntax Choose(Mutant mutant, ExpressionSyntax instead, ExpressionSyntax otherwise, ITypeSymbol? cast)
    {
        var choice = ParenthesizedExpression(ConditionalExpression(
            On(mutant.Number), Enclosed(instead), Enclosed(otherwise)));
        ExpressionSyntax whole = cast is null
            ? choice
            : ParenthesizedExpression(CastExpression(
                ParseTypeName(cast.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)), choice));
        return Marked(whole, mutant);
    }

    /// <summary>The statement, unless the mutant is on.</summary>
    public static StatementSyntax Unless(Mutant mutant, StatementSyntax statement) => Marked(
        IfStatement(PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, On(mutant.Number)), Block(statement)), mutant);

    /// <summary>One statement or the other.</summary>
    public static StatementSyntax Choose(Mutant mutant, StatementSyntax instead, StatementSyntax otherwise) => Marked(
        IfStatement(On(mutant.Number), Block(instead), ElseClause(Block(otherwise))), mutant);

    /// <summary>The same, with the mutant's mark.</summary>
    public static T Marked<T>(T node, Mutant mutant)
        where T : SyntaxNode => node.WithAdditionalAnnotations(
            new SyntaxAnnotation(Mark, mutant.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private static ParenthesizedExpressionSyntax Enclosed(ExpressionSyntax e) => ParenthesizedExpression(e.WithoutTrivia());
}
