using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Loader;

namespace SmtpProxy.Tests.Architecture;

/// <summary>The production code as the compiler made it: every type, and every type that it uses, whatever a file calls it. Read
/// once; it takes seconds.</summary>
internal static partial class House
{
    /// <summary>The types that bind settings, with their sources.</summary>
    private static readonly Dictionary<string, string> Binding = SourceTree.Files
        .Where(static f => f.Name.StartsWith("SmtpProxy/", StringComparison.Ordinal) && Binds().IsMatch(f.Code))
        .SelectMany(static f => f.Types.Select(type => KeyValuePair.Create($"{f.Namespace}.{type}", f.Code))).ToDictionary();

    private static readonly Lazy<IReadOnlyList<Use>> Everything = new(Read, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Each use of one type by another, of another namespace or assembly.</summary>
    public static IReadOnlyList<Use> Uses => Everything.Value;

    /// <summary>What is shipped.</summary>
    public static IReadOnlyList<System.Reflection.Assembly> Assemblies { get; } =
    [
        typeof(global::SmtpProxy.Protocol.Dialogue).Assembly, typeof(global::SmtpProxy.Sessions.SessionHost).Assembly,
        typeof(global::SmtpProxy.Testing.SmtpProxyHost).Assembly, typeof(global::SmtpProxy.Testcontainers.SmtpProxyBuilder).Assembly,
    ];

    private static List<Use> Read()
    {
        var architecture = new ArchLoader()
            .LoadAssemblies([.. Assemblies])
            .Build();
        return
        [
            .. from type in architecture.Types
               let own = NamespaceOf(type)
               where IsOurs(own) || own.Length == 0
               from target in type.Dependencies.Select(static d => d.Target).Distinct()
               let theirs = NamespaceOf(target)
               where theirs != own && theirs.Length > 0 && !IsOfGeneratedJson(target) && !IsOfTheBinder(type, target)
               select new Use(Outermost(type.FullName), own, Outermost(target.FullName), theirs),
            // Top-level statements are no type to the reader: what the file names has to do.
            .. from file in SourceTree.Files
               where file.Room == "Program"
               from name in file.Usings
               select new Use(file.Name, file.Namespace, name, name),
        ];
    }

    /// <summary>The room of a namespace: the word after <c>SmtpProxy</c>; null: it is no namespace of ours. The
    /// program itself has none.</summary>
    public static string? RoomOf(string name) =>
        name.Length == 0 || name == "SmtpProxy" ? "Program" : IsOurs(name) ? name.Split('.')[1] : null;

    /// <summary>The parameter of a generic method that the compiler makes in each class for JSON: the reader takes
    /// one class's for another's.</summary>
    private static bool IsOfGeneratedJson(IType type) =>
        type.FullName.Contains("::TryGetTypeInfoForRuntimeCustomConverter(", StringComparison.Ordinal);

    /// <summary>What the compiler makes to bind settings is one class that knows all of them, and the reader takes what it does for the
    /// doing of each that calls it. Such a type uses what its source names.</summary>
    private static bool IsOfTheBinder(IType type, IType target) => IsOurs(NamespaceOf(target))
        && Binding.TryGetValue(Outermost(type.FullName), out var source)
        && !Regex.IsMatch(source, $@"\b{Outermost(target.FullName).Split('.')[^1].Split('`')[0]}\b");

    private static bool IsOurs(string name) => name == "SmtpProxy" || name.StartsWith("SmtpProxy.", StringComparison.Ordinal);

    private static string NamespaceOf(IType type) => type.Namespace?.FullName ?? "";

    [GeneratedRegex(@"\.Get<\w+>\(\)|\.Bind\(configuration\.")]
    private static partial Regex Binds();

    /// <summary>What is nested, or made by the compiler for a type, is that type's doing.</summary>
    private static string Outermost(string name) => name.Split('+', '/')[0];
}

/// <summary>One type uses another.</summary>
/// <param name="Type">Full name of the type that does.</param>
/// <param name="Namespace">Where that is.</param>
/// <param name="Target">Full name of the type that it uses.</param>
/// <param name="TargetNamespace">Where this is.</param>
internal sealed record Use(string Type, string Namespace, string Target, string TargetNamespace);
