using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using SmtpProxy.Admin.Page;

namespace SmtpProxy.Tests.Admin.Page;

public sealed partial class AssetTests
{
    private const int MostLines = 320;
    private static readonly string Folder = FolderOf();

    [Theory]
    [InlineData("index.html", true)]
    [InlineData("app.js", true)]
    [InlineData("style/tokens.css", true)]
    [InlineData("vendor/uPlot.iife.min.js", true)]
    [InlineData("vendor/VENDORED.md", false)]
    [InlineData("../Page/index.html", false)]
    [InlineData("nothing.js", false)]
    [InlineData("", false)]
    public void File_OfThePage_IsEmbedded_AndNothingElseIsServed(string name, bool isServed) =>
        Assert.Equal(isServed, Asset.Read(name) is not null);

    /// <summary>What is not ours is what its authors published.</summary>
    [Fact]
    public void VendoredFiles_EachOne_IsAsWrittenDown()
    {
        var rows = Row().Matches(File.ReadAllText(Path.Combine(Folder, "vendor", "VENDORED.md")))
            .ToDictionary(static m => m.Groups[1].Value, static m => m.Groups[2].Value);
        var files = Directory.GetFiles(Path.Combine(Folder, "vendor")).Where(static f => Path.GetExtension(f) is ".js" or ".css")
            .ToDictionary(static f => Path.GetFileName(f), static f => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f))));
        Assert.Equal(rows.OrderBy(static r => r.Key), files.OrderBy(static r => r.Key));
    }

    /// <summary>The policy forbids what stands in the page itself, and what comes from elsewhere: a file that
    /// tried would do nothing.</summary>
    [Fact]
    public void OwnFiles_HaveNothingInline_AndNothingFromElsewhere() =>
        Assert.All(Own(), static file =>
        {
            var text = File.ReadAllText(file);
            Assert.DoesNotMatch(@"(src|href)=""https?:|from 'https?:|url\(|@import|\beval\(|new Function|innerHTML|dangerouslySet", text);
            if (file.EndsWith(".html", StringComparison.Ordinal))
            {
                Assert.DoesNotMatch("<style|style=|javascript:| on[a-z]+=|<script>", text);
            }
        });

    [Fact]
    public void OwnFiles_EachOne_IsShort_AndTheScriptsSayWhatTheyAreFor() =>
        Assert.All(Own(), static file =>
        {
            Assert.InRange(File.ReadLines(file).Count(), 1, MostLines);
            Assert.True(!file.EndsWith(".js", StringComparison.Ordinal)
                || File.ReadAllText(file).Contains("@file", StringComparison.Ordinal), file);
        });

    /// <summary>What a file asks for is there; of what is there, nothing is asked for by nobody.</summary>
    [Fact]
    public void OwnFiles_Together_AreWhole()
    {
        var named = Own().SelectMany(static file => Import().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value.StartsWith('/')
            ? m.Groups[1].Value["/assets/".Length..]
            : Path.GetRelativePath(Folder, Path.Combine(Path.GetDirectoryName(file)!, m.Groups[1].Value)))).Distinct().Order();
        var there = Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Select(static f => Path.GetRelativePath(Folder, f))
            .Where(static f => Path.GetExtension(f) is ".js" or ".css" or ".svg").Order();
        Assert.Equal(there, named);
    }

    private static IEnumerable<string> Own() =>
        Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Where(static f => !f.Contains("/vendor/", StringComparison.Ordinal));

    private static string FolderOf([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "src", "SmtpProxy", "Admin", "Page", "assets"));

    [GeneratedRegex(@"^\| (\S+\.(?:js|css)) \|.*\| ([0-9a-f]{64}) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("""(?:from '|^import '|(?:src|href)=")((?:\.{1,2}/|/assets/)[^'"]+)['"]""", RegexOptions.Multiline)]
    private static partial Regex Import();
}
