using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace SmtpProxy.Mutation.Mutations;

/// <summary>Puts every mutant of one file into it, each after its switch.</summary>
internal sealed class Mutator(SemanticModel model, string file, MutantBook book) : CSharpSyntaxRewriter
{
    /// <inheritdoc/>
    public override SyntaxNode? Visit(SyntaxNode? node)
    {
        if (node is null || Exclusions.IsBakedIn(node) || node is ArgumentSyntax argument && Exclusions.IsHint(argument, model)
            || Exclusions.IsDescribed(node, model))
        {
            return node;
        }

        if (node is InvocationExpressionSyntax call && Exclusions.IsTold(call, model))
        {
            // Of ConfigureAwait(false) what is awaited is mutated, and of the others nothing.
            return call.Expression is MemberAccessExpressionSyntax { Name.Identifier.Text: "ConfigureAwait" } access
                ? call.WithExpression(access.WithExpression((ExpressionSyntax)Visit(access.Expression)!))
                : node;
        }

        return node switch
        {
            StatementSyntax statement => OfStatement(statement),
            ExpressionSyntax expression when !Exclusions.IsPlace(expression) => OfExpression(expression),
            SwitchExpressionArmSyntax arm => OfArm(arm),
            SwitchSectionSyntax section => OfSection(section),
            _ => base.Visit(node),
        };
    }

    private SyntaxNode? OfExpression(ExpressionSyntax was)
    {
        var now = base.Visit(was);
        // What was a constant may have been taken for a smaller type than it has by itself.
        var info = model.GetTypeInfo(was);
        var cast = model.GetConstantValue(was).HasValue && !SymbolEqualityComparer.Default.Equals(info.Type, info.ConvertedType)
            && info.ConvertedType is { SpecialType: not SpecialType.System_Object, TypeKind: not TypeKind.Error }
            ? info.ConvertedType : null;
        foreach (var (kind, instead) in Expressions.Of(was, model))
        {
            if (now is ExpressionSyntax otherwise && book.Offer(file, kind, was, instead.NormalizeWhitespace().ToString()) is { } mutant)
            {
                now = Switches.Choose(mutant, instead, otherwise, cast).WithTriviaFrom(was);
            }
        }

        return now;
    }

    private StatementSyntax OfStatement(StatementSyntax was)
    {
        if (was is ThrowStatementSyntax or LocalFunctionStatementSyntax { Body: null, ExpressionBody: null })
        {
            return Removed(was, was);
        }

        if (was is ExpressionStatementSyntax { Expression: var e })
        {
            return IsTold(e) ? was : OfExpressionStatement((ExpressionStatementSyntax)was);
        }

        var now = (StatementSyntax)base.Visit(was)!;
        return was switch
        {
            ReturnStatementSyntax { Expression: null } or ContinueStatementSyntax => Removed(was, now),
            BreakStatementSyntax { Parent: not SwitchSectionSyntax } when !EndsSection(was) => Removed(was, now),
            _ => now,
        };
    }

    private StatementSyntax OfExpressionStatement(ExpressionStatementSyntax was)
    {
        var now = (StatementSyntax)base.Visit(was)!;
        if (was.Expression is AssignmentExpressionSyntax assignment && Expressions.Opposite(assignment) is { } instead
            && model.GetTypeInfo(assignment.Left).Type?.SpecialType != SpecialType.System_String
            && model.GetTypeInfo(assignment.Left).Type?.TypeKind != TypeKind.Delegate
            && book.Offer(file, "assignment", assignment, instead.ToString()) is { } mutant)
        {
            now = Switches.Choose(mutant, ExpressionStatement(instead), now);
        }

        return Removed(was, now);
    }

    private StatementSyntax Removed(StatementSyntax was, StatementSyntax now) =>
        !was.DescendantNodes().OfType<SingleVariableDesignationSyntax>().Any()
        && was.Parent is BlockSyntax or SwitchSectionSyntax or IfStatementSyntax or ElseClauseSyntax
        && book.Offer(file, "statement", was, "") is { } mutant
            ? Switches.Unless(mutant, now)
            : now;

    private SwitchExpressionArmSyntax OfArm(SwitchExpressionArmSyntax was)
    {
        var now = (SwitchExpressionArmSyntax)base.Visit(was)!;
        return was.Pattern is DiscardPatternSyntax || was.Expression is ThrowExpressionSyntax
            || book.Offer(file, "arm", was, "") is not { } mutant
                ? now
                : Switches.Marked(now.WithWhenClause(Unless(mutant, now.WhenClause)), mutant);
    }

    private SwitchSectionSyntax OfSection(SwitchSectionSyntax was)
    {
        var now = (SwitchSectionSyntax)base.Visit(was)!;
        for (var n = 0; n < was.Labels.Count; n++)
        {
            var label = now.Labels[n] switch
            {
                CaseSwitchLabelSyntax c => CasePatternSwitchLabel(ConstantPattern(c.Value), Token(SyntaxKind.ColonToken)),
                CasePatternSwitchLabelSyntax c => c,
                _ => null,
            };
            if (label is not null && book.Offer(file, "arm", was.Labels[n], "") is { } mutant)
            {
                now = now.ReplaceNode(now.Labels[n],
                    Switches.Marked(label.WithWhenClause(Unless(mutant, label.WhenClause)), mutant));
            }
        }

        return now;
    }

    private bool IsTold(ExpressionSyntax e) => e switch
    {
        AwaitExpressionSyntax a => IsTold(a.Expression),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "ConfigureAwait" } } => false,
        InvocationExpressionSyntax call => Exclusions.IsTold(call, model),
        _ => false,
    };

    private static bool EndsSection(StatementSyntax was) =>
        was.Parent is BlockSyntax { Parent: SwitchSectionSyntax } block && block.Statements[^1] == was;

    private static WhenClauseSyntax Unless(Mutant mutant, WhenClauseSyntax? when)
    {
        ExpressionSyntax not = PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, Switches.On(mutant.Number));
        return WhenClause(when is null
            ? not
            : BinaryExpression(SyntaxKind.LogicalAndExpression, not, ParenthesizedExpression(when.Condition)));
    }
}
