using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Architecture;

/// <summary>The rules of the house: who may know whom, which library is known where, and how large anything may become.
/// docs/architecture.md draws them.</summary>
public sealed partial class HouseTests
{
    private const int MostLines = 320;

    /// <summary>Two files side by side on one screen.</summary>
    private const int MostColumns = 140;

    /// <summary>Each room and the rooms it may use, as docs/architecture.md draws it; Protocol, whose words all may use, is drawn
    /// where it is more than words.</summary>
    private static readonly Dictionary<string, string[]> Arrows = SourceTree.Files.Select(static f => f.Room).Distinct()
        .ToDictionary(static room => room, static room => Drawn().Where(arrow => arrow.From == room).SelectMany(static arrow => arrow.To)
            .ToArray());

    [Fact]
    public void Rooms_UseEachOther_OnlyAlongTheArrows() =>
        None(from use in House.Uses
                     let room = House.RoomOf(use.Namespace)
                     let target = House.RoomOf(use.TargetNamespace)
                     where target is not (null or "Program" or "Protocol") && target != room && !Arrows[room!].Contains(target)
                     select $"{use.Type} uses {use.Target}");

    /// <summary>Those who move octets and encrypt them know no SMTP: only the words for connections.</summary>
    [Fact]
    public void Smtp_WhereOctetsAreMoved_IsNotKnown() =>
        None(from use in House.Uses
             where House.RoomOf(use.Namespace) is "Transport" or "Tls" && House.RoomOf(use.TargetNamespace) == "Protocol"
                 && use.TargetNamespace != "SmtpProxy.Protocol.Connections"
             select $"{use.Type} uses {use.Target}");

    [Fact]
    public void Arrows_ThatAreDrawn_AreUsed() =>
        None(from room in Arrows.Keys
             from target in Arrows[room]
             where !House.Uses.Any(use => House.RoomOf(use.Namespace) == room && House.RoomOf(use.TargetNamespace) == target)
             select $"{room} --> {target}");

    [Fact]
    public void Rooms_AllOfThem_AreOnTheMap() =>
        Assert.Equal(
            SourceTree.Files.Select(static f => f.Room).Distinct().Order(),
            Page().Split('\n').Where(static line => RoomRow().IsMatch(line)).Select(static line => RoomRow().Match(line).Groups[1].Value)
                .Order());

    [Fact]
    public void Arrows_Followed_NeverLeadBack()
    {
        var left = Arrows.Keys.ToHashSet();
        while (left.FirstOrDefault(room => !Arrows[room].Any(left.Contains)) is { } ready)
        {
            left.Remove(ready);
        }

        Assert.Empty(left);
    }

    [Theory]
    [InlineData("Yarp.", "Upstreams")]
    [InlineData("System.Net.Sockets.Socket", "Transport,Demo")]
    [InlineData("System.Net.Sockets.TcpClient", "Transport,Demo")]
    [InlineData("System.Net.Sockets.TcpListener", "Transport,Demo")]
    [InlineData("System.Net.Sockets.NetworkStream", "Transport,Demo")]
    [InlineData("Microsoft.AspNetCore.", "Admin,Program,Upstreams")]
    [InlineData("StackExchange.Redis.", "Fleet")]
    [InlineData("System.CommandLine.", "Cli")]
    [InlineData("YamlDotNet.", "Rehearsals")]
    [InlineData("DotNet.Testcontainers.", "Testcontainers")]
    [InlineData("Docker.", "Testcontainers")]
    public void Library_OfOneKind_IsKnownInItsRoomsOnly(string library, string rooms) =>
        None((from use in House.Uses
                      where (library.EndsWith('.') ? use.Target.StartsWith(library, StringComparison.Ordinal) : use.Target == library)
                          && !rooms.Split(',').Contains(House.RoomOf(use.Namespace))
                      select $"{use.Type} uses {use.Target}").Distinct());

    [Fact]
    public void OpenTelemetry_TheSdk_IsKnownInOneType() =>
        Assert.Single(House.Uses.Where(static use => use.Target.StartsWith("OpenTelemetry.", StringComparison.Ordinal))
            .Select(static use => use.Type).Distinct());

    [Fact]
    public void NativeCode_ByPInvoke_IsCalledInItsRoomsOnly() =>
        None(from file in SourceTree.Files
                     where file.Room is not ("Transport" or "Files") && Mentions(file, @"\b(DllImport|LibraryImport)\b")
                     select file.Name);

    [Theory]
    [InlineData("Sessions")]
    [InlineData("Protocol")]
    public void Clock_WhereTimeIsHandedIn_IsNotRead(string room) =>
        None(from file in SourceTree.Files
                     where file.Room == room
                         && Mentions(file,
                             @"\b(DateTime|DateTimeOffset)\.(Utc)?Now\b|\bStopwatch\.(StartNew|GetTimestamp)\b"
                                 + @"|\bEnvironment\.TickCount|\bTimeProvider\b")
                     select file.Name);

    /// <summary>A class that is cut into files is no smaller for it.</summary>
    [Fact]
    public void Type_OverAllItsFiles_IsShort() =>
        None(from declared in SourceTree.Files.SelectMany(static file =>
            file.PartialTypes.Select(name => (Name: $"{file.Namespace}.{name}", file.Lines)))
                     group declared.Lines by declared.Name into type
                     where type.Sum() > MostLines
                     select $"{type.Key}: {type.Sum()} lines in {type.Count()} files; compose it of smaller ones");

    [Fact]
    public void File_Each_IsShort() =>
        None(from file in SourceTree.Files.Concat(SourceTree.Tests)
                     where file.Lines > MostLines
                     select $"{file.Name}: {file.Lines} lines; split it by idea");

    [Fact]
    public void Line_Each_FitsBesideAnother() =>
        None(from file in SourceTree.Files.Concat(SourceTree.Tests)
             from line in file.LinesOver(MostColumns)
             select $"{file.Name}, line {line}: over {MostColumns} characters; wrap it");

    [Fact]
    public void Folder_Each_HoldsWhatOneCanOverlook() =>
        None(from file in SourceTree.Files
                     group file by Path.GetDirectoryName(file.Name) into folder
                     where folder.Count() > 22
                     select $"{folder.Key}: {folder.Count()} files; name folders after nouns of the domain");

    /// <summary>Two namespaces that need each other are one, or something stands in the wrong one of them.</summary>
    [Fact]
    public void Namespaces_OfAnyTwo_OnlyOneUsesTheOther()
    {
        var uses = House.Uses.Where(static use => House.RoomOf(use.TargetNamespace) is not null)
            .GroupBy(static use => (use.Namespace, use.TargetNamespace)).ToDictionary(static g => g.Key, static g => g.First());
        None(from use in uses
             let back = (use.Key.TargetNamespace, use.Key.Namespace)
             where string.CompareOrdinal(use.Key.Namespace, use.Key.TargetNamespace) < 0 && uses.ContainsKey(back)
             select $"{use.Value.Type} uses {use.Value.Target}, and {uses[back].Type} uses {uses[back].Target}");
    }

    [Fact]
    public void TypeNames_InAllRooms_AreUnlike() =>
        None(from declared in SourceTree.Files.SelectMany(static file => file.Types.Select(name => (name, file.Namespace)).Distinct())
                     group declared.Namespace by declared.name into type
                     where type.Distinct().Count() > 1
                     select $"{type.Key}: in {string.Join(", ", type.Distinct())}");

    /// <summary>
    /// Who changes a type finds its tests by name. What holds for the whole tree or for files that are no code (this folder, the
    /// dashboards, the documentation) has no type.
    /// </summary>
    [Fact]
    public void UnitTests_EachClass_BeginsWithTheNameOfWhatItTests()
    {
        var own = typeof(HouseTests).Assembly.GetTypes();
        var names = House.Assemblies.SelectMany(static a => a.GetTypes()).Concat(own)
            .Select(static type => type.Name.Split('`')[0]).Where(static name => !name.EndsWith("Tests", StringComparison.Ordinal))
            .ToHashSet();
        None(from type in own
             where type.GetMethods().Any(static m => m.IsDefined(typeof(FactAttribute), inherit: true))
             where type.Namespace is not ("SmtpProxy.Tests.Architecture" or "SmtpProxy.Tests.Dashboards")
                 && type.Name is not "DocumentationTests"
             where !Enumerable.Range(1, type.Name.Length)
                 .Any(length => (length == type.Name.Length || char.IsUpper(type.Name[length])) && names.Contains(type.Name[..length]))
             select $"{type.FullName}: call it <Type>Tests or <Type><Aspect>Tests, after the type that it tests");
    }

    private static string Page([CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "architecture.md"));

    private static IEnumerable<(string From, string[] To)> Drawn() =>
        Arrow().Matches(Page()).Select(static m => (m.Groups[1].Value, m.Groups[2].Value.Split(" & ")));

    [GeneratedRegex(@"^  (\w+) --> (.+)$", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"^\| ([A-Z]\w+) \|")]
    private static partial Regex RoomRow();

    /// <summary>Nothing breaks the rule; what does is named whole.</summary>
    /// <param name="breaches">What does, in words.</param>
    /// <param name="known">How those begin that are still to be redrawn.</param>
    private static void None(IEnumerable<string> breaches, params string[] known)
    {
        var all = breaches.Where(breach => !known.Any(breach.StartsWith)).Order(StringComparer.Ordinal).ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    private static bool Mentions(SourceFile file, string pattern) => Regex.IsMatch(file.Code, pattern);
}
