using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Architecture;

/// <summary>Who may know whom, and which library is known where.</summary>
public sealed class HouseTests
{
    private const int MostLines = 320;

    /// <summary>Each room and the rooms it may name. No arrow leads back.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Program"] = ["Cli", "Configuration", "Listening", "Admin", "Sink", "Telemetry", "Upstreams", "Faults"],
        ["Cli"] = ["Codes", "Configuration", "Demo", "Faults", "Listening", "Sessions", "Sink", "Tls", "Transport"],
        ["Listening"] = ["Configuration", "Faults", "Sessions", "Tls", "Transport", "Upstreams", "Telemetry"],
        // The rooms own their options; configuration reads and judges all of them.
        ["Configuration"] = ["Admin", "Faults", "Sessions", "Sink", "Tls", "Transport", "Upstreams", "Telemetry"],
        ["Admin"] = ["Codes", "Faults", "Sessions", "Upstreams", "Telemetry"],
        ["Sessions"] = ["Faults", "Tls", "Transport", "Upstreams", "Telemetry", "Protocol"],
        ["Demo"] = ["Sink", "Transport"],
        ["Sink"] = ["Transport", "Protocol"],
        ["Upstreams"] = ["Telemetry", "Tls", "Transport", "Protocol"],
        ["Telemetry"] = ["Codes", "Tls", "Transport", "Protocol"],
        // What a fault did is told to the instruments; what it does on the wire is the sessions' business.
        ["Faults"] = ["Telemetry", "Protocol"],
        ["Codes"] = ["Protocol"],
        ["Tls"] = [],
        ["Transport"] = ["Tls"],
        ["Protocol"] = [],
    };

    [Fact]
    public void Rooms_NameEachOther_OnlyAlongTheArrows() =>
        Assert.Empty(from file in SourceTree.Files
                     from room in file.References
                     where !Arrows[file.Room].Contains(room)
                     select $"{file.Name} names SmtpProxy.{room}");

    [Fact]
    public void Rooms_AllOfThem_AreOnTheMap() =>
        Assert.Equal(Arrows.Keys.Order(), SourceTree.Files.Select(static f => f.Room).Distinct().Order());

    [Theory]
    [InlineData(@"\bYarp\.\w", "Upstreams")]
    [InlineData(@"\bnew (Socket|TcpClient|TcpListener|UdpClient|NetworkStream)\b|\b(DllImport|LibraryImport)\b", "Transport,Demo")]
    [InlineData(@"\bMicrosoft\.AspNetCore\.|\bWebApplication\b|\bHttpContext\b|\bIEndpointRouteBuilder\b", "Admin,Program,Upstreams")]
    [InlineData(@"\b(MailKit|MimeKit)\b", "Demo")]
    [InlineData(@"\bSystem\.CommandLine\b", "Cli")]
    public void Library_OfOneKind_IsKnownInItsRoomsOnly(string library, string rooms) =>
        Assert.Empty(from file in SourceTree.Files
                     where Mentions(file, library) && !rooms.Split(',').Contains(file.Room)
                     select file.Name);

    [Fact]
    public void OpenTelemetry_TheSdk_IsKnownInOneFile() =>
        Assert.Single(SourceTree.Files, static file => Mentions(file, @"\busing OpenTelemetry\b"));

    [Theory]
    [InlineData("Sessions")]
    [InlineData("Protocol")]
    public void Clock_WhereTimeIsHandedIn_IsNotRead(string room) =>
        Assert.Empty(from file in SourceTree.Files
                     where file.Room == room
                         && Mentions(file, @"\b(DateTime|DateTimeOffset)\.(Utc)?Now\b|\bStopwatch\.(StartNew|GetTimestamp)\b|\bEnvironment\.TickCount|\bTimeProvider\b")
                     select file.Name);

    [Fact]
    public void File_Each_IsShort() =>
        Assert.Empty(from file in SourceTree.Files
                     where file.Lines > MostLines
                     select $"{file.Name}: {file.Lines} lines; split it by idea");

    private static bool Mentions(SourceFile file, string pattern) => Regex.IsMatch(Strip(file), pattern);

    /// <summary>Names in quotes are names of meters and log categories, not of types.</summary>
    private static string Strip(SourceFile file) => Regex.Replace(file.Code, "\"[^\"\n]*\"", "\"\"");
}
