using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace SmtpProxy.Mutation.Mutations;

/// <summary>What may stand for an expression that is wrong.</summary>
internal static class Expressions
{
    private static readonly Dictionary<SyntaxKind, SyntaxKind[]> Instead = new()
    {
        [SyntaxKind.LessThanExpression] = [SyntaxKind.LessThanOrEqualExpression, SyntaxKind.GreaterThanOrEqualExpression],
        [SyntaxKind.LessThanOrEqualExpression] = [SyntaxKind.LessThanExpression, SyntaxKind.GreaterThanExpression],
        [SyntaxKind.GreaterThanExpression] = [SyntaxKind.GreaterThanOrEqualExpression, SyntaxKind.LessThanOrEqualExpression],
        [SyntaxKind.GreaterThanOrEqualExpression] = [SyntaxKind.GreaterThanExpression, SyntaxKind.LessThanExpression],
        [SyntaxKind.EqualsExpression] = [SyntaxKind.NotEqualsExpression],
        [SyntaxKind.NotEqualsExpression] = [SyntaxKind.EqualsExpression],
        [SyntaxKind.LogicalAndExpression] = [SyntaxKind.LogicalOrExpression],
        [SyntaxKind.LogicalOrExpression] = [SyntaxKind.LogicalAndExpression],
        [SyntaxKind.AddExpression] = [SyntaxKind.SubtractExpression],
        [SyntaxKind.SubtractExpression] = [SyntaxKind.AddExpression],
        [SyntaxKind.MultiplyExpression] = [SyntaxKind.DivideExpression],
        [SyntaxKind.DivideExpression] = [SyntaxKind.MultiplyExpression],
        [SyntaxKind.ModuloExpression] = [SyntaxKind.MultiplyExpression],
        [SyntaxKind.LeftShiftExpression] = [SyntaxKind.RightShiftExpression],
        [SyntaxKind.RightShiftExpression] = [SyntaxKind.LeftShiftExpression],
        [SyntaxKind.BitwiseAndExpression] = [SyntaxKind.BitwiseOrExpression],
        [SyntaxKind.BitwiseOrExpression] = [SyntaxKind.BitwiseAndExpression],
        [SyntaxKind.ExclusiveOrExpression] = [SyntaxKind.BitwiseAndExpression],
    };

    /// <summary>The mutants of this expression, of its parts not.</summary>
    public static IEnumerable<(string Kind, ExpressionSyntax Instead)> Of(ExpressionSyntax was, SemanticModel model)
    {
        if (Exclusions.Declares(was) || was.FirstAncestorOrSelf<ConstructorInitializerSyntax>() is not null)
        {
            return [];
        }

        var mutants = was switch
        {
            BinaryExpressionSyntax binary => OfBinary(binary, model),
            LiteralExpressionSyntax literal => OfLiteral(literal),
            IdentifierNameSyntax or MemberAccessExpressionSyntax when IsNumber(was, model) => OneMore(was),
            PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not => [("negation", not.Operand)],
            IsPatternExpressionSyntax pattern => OfPattern(pattern),
            ConditionalExpressionSyntax => [],
            InvocationExpressionSyntax call => OfCall(call, model),
            _ => [],
        };
        return was.Parent is ReturnStatementSyntax or ArrowExpressionClauseSyntax ? mutants.Concat(OfResult(was, model)) : mutants;
    }

    /// <summary>The opposite assignment, where there is one.</summary>
    public static ExpressionSyntax? Opposite(AssignmentExpressionSyntax was)
    {
        var kind = was.Kind() switch
        {
            SyntaxKind.AddAssignmentExpression => SyntaxKind.SubtractAssignmentExpression,
            SyntaxKind.SubtractAssignmentExpression => SyntaxKind.AddAssignmentExpression,
            SyntaxKind.OrAssignmentExpression => SyntaxKind.AndAssignmentExpression,
            SyntaxKind.AndAssignmentExpression => SyntaxKind.OrAssignmentExpression,
            _ => SyntaxKind.None,
        };
        return kind == SyntaxKind.None || Exclusions.Declares(was)
            ? null
            : AssignmentExpression(kind, was.Left.WithoutTrivia(), was.Right.WithoutTrivia());
    }

    private static IEnumerable<(string, ExpressionSyntax)> OfBinary(BinaryExpressionSyntax was, SemanticModel model)
    {
        if (was.IsKind(SyntaxKind.CoalesceExpression))
        {
            return was.Right is ThrowExpressionSyntax ? [] : [("coalesce", was.Right)];
        }

        // Text is put together for people, for the most part.
        return Instead.TryGetValue(was.Kind(), out var kinds) && model.GetTypeInfo(was).Type?.SpecialType != SpecialType.System_String
            ? kinds.Select(k => (KindOf(k), (ExpressionSyntax)BinaryExpression(k, was.Left.WithoutTrivia(), was.Right.WithoutTrivia())))
            : [];
    }

    private static string KindOf(SyntaxKind kind) => kind switch
    {
        SyntaxKind.LogicalAndExpression or SyntaxKind.LogicalOrExpression => "logic",
        SyntaxKind.EqualsExpression or SyntaxKind.NotEqualsExpression => "equality",
        SyntaxKind.LessThanExpression or SyntaxKind.LessThanOrEqualExpression or SyntaxKind.GreaterThanExpression
            or SyntaxKind.GreaterThanOrEqualExpression => "comparison",
        _ => "arithmetic",
    };

    private static IEnumerable<(string, ExpressionSyntax)> OfLiteral(LiteralExpressionSyntax was) => was.Kind() switch
    {
        SyntaxKind.TrueLiteralExpression => [("boolean", LiteralExpression(SyntaxKind.FalseLiteralExpression))],
        SyntaxKind.FalseLiteralExpression => [("boolean", LiteralExpression(SyntaxKind.TrueLiteralExpression))],
        // What is compared has its boundary moved instead, which is the same.
        SyntaxKind.NumericLiteralExpression when !IsCompared(was) => OneMore(was),
        SyntaxKind.StringLiteralExpression or SyntaxKind.Utf8StringLiteralExpression when was.Token.ValueText.Length > 0 =>
            [("text", ParseExpression(was.IsKind(SyntaxKind.Utf8StringLiteralExpression) ? "\"\"u8" : "\"\""))],
        SyntaxKind.CharacterLiteralExpression =>
            [("character", ParseExpression(string.Create(CultureInfo.InvariantCulture, $"'\\u{was.Token.ValueText[0] + 1:x4}'")))],
        _ => [],
    };

    private static IEnumerable<(string, ExpressionSyntax)> OneMore(ExpressionSyntax was) =>
        [("constant", BinaryExpression(SyntaxKind.AddExpression, ParenthesizedExpression(was.WithoutTrivia()), ParseExpression("1")))];

    private static bool IsNumber(ExpressionSyntax was, SemanticModel model) =>
        was.Parent is not (MemberAccessExpressionSyntax or QualifiedNameSyntax or NameColonSyntax) && !IsCompared(was)
        && model.GetConstantValue(was) is { HasValue: true, Value: int or long or uint or ulong };

    private static bool IsCompared(ExpressionSyntax was) => was.Parent is BinaryExpressionSyntax parent
        && KindOf(parent.Kind()) is "comparison";

    private static IEnumerable<(string, ExpressionSyntax)> OfPattern(IsPatternExpressionSyntax was)
    {
        var moved = was.DescendantNodes().OfType<RelationalPatternSyntax>().Select(p => ("comparison",
            (ExpressionSyntax)was.ReplaceNode(p, p.WithOperatorToken(Token(p.OperatorToken.Kind() switch
            {
                SyntaxKind.LessThanToken => SyntaxKind.LessThanEqualsToken,
                SyntaxKind.LessThanEqualsToken => SyntaxKind.LessThanToken,
                SyntaxKind.GreaterThanToken => SyntaxKind.GreaterThanEqualsToken,
                _ => SyntaxKind.GreaterThanToken,
            })).WithoutTrivia())));
        var either = was.DescendantNodes().OfType<BinaryPatternSyntax>().Where(static p => p.IsKind(SyntaxKind.OrPattern))
            .Select(p => ("pattern", (ExpressionSyntax)was.ReplaceNode(p, p.Left)));
        return moved.Concat(either).Append(("negation", Not(was)));
    }

    private static IEnumerable<(string, ExpressionSyntax)> OfCall(InvocationExpressionSyntax was, SemanticModel model)
    {
        if (was.Expression is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "Math" } } math
            && math.Name.Identifier.Text is "Min" or "Max")
        {
            var name = math.Name.Identifier.Text == "Min" ? "Max" : "Min";
            return [("arithmetic", was.WithExpression(math.WithName(IdentifierName(name))))];
        }

        return was.Parent is not (ExpressionStatementSyntax or ReturnStatementSyntax or ArrowExpressionClauseSyntax)
            && model.GetTypeInfo(was).Type?.SpecialType == SpecialType.System_Boolean
            && was.Parent is not PrefixUnaryExpressionSyntax ? [("negation", Not(was))] : [];
    }

    /// <summary>What a member returns: the opposite of a truth, and nothing in the place of a value.</summary>
    private static IEnumerable<(string, ExpressionSyntax)> OfResult(ExpressionSyntax was, SemanticModel model)
    {
        var type = model.GetTypeInfo(was).ConvertedType;
        if (was is LiteralExpressionSyntax or AssignmentExpressionSyntax or RefExpressionSyntax || type is null
            || type.SpecialType == SpecialType.System_Void)
        {
            return [];
        }

        if (type.SpecialType == SpecialType.System_Boolean)
        {
            return was is PrefixUnaryExpressionSyntax or IsPatternExpressionSyntax
                || was is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression }
                    ? [] : [("result", Not(was))];
        }

        var name = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        return type.IsValueType && type is not INamedTypeSymbol { Name: "ValueTask" }
            || type.NullableAnnotation == NullableAnnotation.Annotated
                ? [("result", ParseExpression($"default({name})"))]
                : type.SpecialType == SpecialType.System_String ? [("result", ParseExpression("\"\""))] : [];
    }

    private static PrefixUnaryExpressionSyntax Not(ExpressionSyntax was) =>
        PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, ParenthesizedExpression(was.WithoutTrivia()));
}
