using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SmtpProxy.Mutation.Mutations;

/// <summary>What is not mutated, since no test could or should tell the difference. tests/README.md names each rule.</summary>
internal static class Exclusions
{
    private static readonly string[] Told = ["ILogger", "Debug", "Activity", "Trace", "GC", "EventSource"];

    /// <summary>Constants, attributes and default values: the compiler bakes them in, and a switch cannot stand there.</summary>
    public static bool IsBakedIn(SyntaxNode node) => node switch
    {
        AttributeListSyntax or EnumMemberDeclarationSyntax or ParameterSyntax => true,
        ThrowExpressionSyntax or CaseSwitchLabelSyntax => true,
        ConstantPatternSyntax or RelationalPatternSyntax => true,
        FieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.ConstKeyword),
        LocalDeclarationStatementSyntax local => local.IsConst,
        InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "nameof" } } => true,
        StackAllocArrayCreationExpressionSyntax => true,
        _ => false,
    };

    /// <summary>A line in the log, a message to a developer, or a hint to the runtime.</summary>
    public static bool IsTold(InvocationExpressionSyntax call, SemanticModel model)
    {
        if (model.GetSymbolInfo(call).Symbol is not IMethodSymbol method)
        {
            return false;
        }

        return IsLog(method)
            || IsNothingButLog(method)
            || Array.IndexOf(Told, method.ContainingType?.Name) >= 0
            || method.ContainingType?.Name == "LoggerExtensions"
            || method.Name is "ConfigureAwait" or "ThrowIfNull" or "SuppressFinalize" or "ThrowIf" or "ThrowIfNegative";
    }

    /// <summary>Words for people that say what something is: descriptions from which pages and schemas are made, and what is wrong with
    /// a rule, as the text of an exception is. Where in the rule that is stays a mutant.</summary>
    public static bool IsDescribed(SyntaxNode node, SemanticModel model) => node switch
    {
        ArgumentSyntax { Parent: BaseArgumentListSyntax { Parent: { } call } list } argument =>
            model.GetSymbolInfo(call).Symbol is IMethodSymbol method && ParameterOf(argument, list, method) is { } parameter
            && (parameter is "Doc" or "description" || parameter == "Text" && method.ContainingType.Name == "RuleError"),
        AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } set =>
            model.GetSymbolInfo(set.Left).Symbol is IPropertySymbol { Name: "Default", ContainingType.Name: "Field" },
        _ => false,
    };

    /// <summary>A hint of how much room to set aside.</summary>
    public static bool IsHint(ArgumentSyntax argument, SemanticModel model) =>
        argument.Parent?.Parent is { } call && argument.Parent is BaseArgumentListSyntax list
        && model.GetSymbolInfo(call).Symbol is IMethodSymbol method
        && ParameterOf(argument, list, method) is "capacity" or "minimumLength" or "sizeHint" or "initialCapacity" or "bufferSize";

    /// <summary>Where a value cannot stand in for the expression: what is written to, or handed on by reference.</summary>
    public static bool IsPlace(ExpressionSyntax node) => IsAfterQuestionMark(node) || node.Parent switch
    {
        ArgumentSyntax argument => !argument.RefKindKeyword.IsKind(SyntaxKind.None),
        AssignmentExpressionSyntax assignment => assignment.Left == node,
        RefExpressionSyntax => true,
        PrefixUnaryExpressionSyntax p => p.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression
            or SyntaxKind.AddressOfExpression,
        PostfixUnaryExpressionSyntax p => p.Kind() is SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression,
        MemberAccessExpressionSyntax access => access.Name == node,
        _ => false,
    };

    private static bool IsLog(IMethodSymbol method) =>
        method.GetAttributes().Any(static a => a.AttributeClass?.Name == "LoggerMessageAttribute");

    /// <summary>What writes one line in the log, whatever happens, and does nothing else.</summary>
    private static bool IsNothingButLog(IMethodSymbol method) => method.DeclaringSyntaxReferences
        .Select(static r => r.GetSyntax()).OfType<MethodDeclarationSyntax>().Any(m =>
            m.ExpressionBody?.Expression is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: var name } }
            && method.ContainingType.GetMembers(name).OfType<IMethodSymbol>().Any(IsLog));

    private static string? ParameterOf(ArgumentSyntax argument, BaseArgumentListSyntax list, IMethodSymbol method) =>
        argument.NameColon?.Name.Identifier.Text
        ?? (list.Arguments.IndexOf(argument) is >= 0 and var at && at < method.Parameters.Length ? method.Parameters[at].Name : null);

    /// <summary>Of <c>a?.B()</c> the <c>.B()</c>, which is no expression by itself.</summary>
    private static bool IsAfterQuestionMark(ExpressionSyntax node) =>
        node.DescendantNodesAndSelf().Any(static n => n is MemberBindingExpressionSyntax or ElementBindingExpressionSyntax)
        && node.AncestorsAndSelf().Zip(node.Ancestors()).Any(static pair =>
            pair.Second is ConditionalAccessExpressionSyntax access && access.WhenNotNull == pair.First);

    /// <summary>Whether it declares variables, which two copies of it would declare twice.</summary>
    public static bool Declares(SyntaxNode node) => node.DescendantNodesAndSelf().Any(static n =>
        n is SingleVariableDesignationSyntax or LambdaExpressionSyntax or ParenthesizedVariableDesignationSyntax);
}
