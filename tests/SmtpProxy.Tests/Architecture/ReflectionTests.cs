using Mono.Cecil;

namespace SmtpProxy.Tests.Architecture;

/// <summary>Native code has no reflection but for what is kept for it. What writes and reads JSON, binds settings and serves paths is
/// made by the compiler, in every build: the one that is tested tells of the other. So nothing is called of which its author says that
/// native code cannot do it.</summary>
public sealed class ReflectionTests
{
    /// <summary>What is called all the same.</summary>
    private static readonly string[] Kept =
    [
        // Which types of the room are described by what name. All types of the product are kept.
        "Assembly.GetTypes",
        // Whether a text can be a setting. All types of the product, YARP and Kestrel are kept.
        "TypeDescriptor.GetConverter",
        // It binds what is set of a form of log lines; the handful of properties is plain.
        "ConsoleLoggerExtensions.AddConsoleFormatter",
        // What the compiler makes for a group of paths with a filter would write what one returns that is no result; none does.
        "HttpResponseJsonExtensions.WriteAsJsonAsync",
    ];

    [Fact]
    public void Product_CallsNothingThatNativeCodeLacks_ButWhatIsKept() =>
        Assert.Equal(Kept.Order(StringComparer.Ordinal), Called().Where(static m => m.CustomAttributes.Any(static a => a.AttributeType.Name
            is "RequiresUnreferencedCodeAttribute" or "RequiresDynamicCodeAttribute"))
            .Select(static m => $"{m.DeclaringType.Name}.{m.Name}").Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Called_OfTheProduct_IsFoundOut() => Assert.True(Called().Count > 2000);

    /// <summary>Each method of others that is named anywhere in the product.</summary>
    private static List<MethodDefinition> Called()
    {
        using var resolver = new DefaultAssemblyResolver();
        foreach (var folder in new[] { typeof(Program), typeof(object), typeof(Microsoft.AspNetCore.Http.IResult) })
        {
            resolver.AddSearchDirectory(Path.GetDirectoryName(folder.Assembly.Location));
        }

        using var product = ModuleDefinition.ReadModule(typeof(Program).Assembly.Location,
            new ReaderParameters { AssemblyResolver = resolver });
        return [.. product.GetMemberReferences().OfType<MethodReference>().Select(static m => m.Resolve()).OfType<MethodDefinition>()];
    }
}
