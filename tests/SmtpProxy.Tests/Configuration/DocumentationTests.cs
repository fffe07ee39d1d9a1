using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Tests.Configuration;

public sealed class DocumentationTests
{
    [Fact]
    public void Configuration_EverySetting_IsDocumented()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "configuration.md"));
        Assert.All(KeysOf(typeof(Settings), Settings.Section), key => Assert.Contains($"`{key}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Configuration_EveryDocumentedSetting_Exists()
    {
        var known = KeysOf(typeof(Settings), Settings.Section).ToHashSet();
        var rows = File.ReadLines(Path.Combine(Root(), "docs", "configuration.md"))
            .Where(static line => line.StartsWith("| `SmtpProxy:", StringComparison.Ordinal));
        Assert.All(rows.Select(static row => row.Split('`')[1]), key => Assert.Contains(key, known));
    }

    [Fact]
    public void Configuration_TheShippedFile_IsShownAsItIs() =>
        Assert.Contains(File.ReadAllText(Path.Combine(Root(), "appsettings.json")).Trim(),
            File.ReadAllText(Path.Combine(Root(), "docs", "configuration.md")), StringComparison.Ordinal);

    /// <summary>Its files are not here; everything else of it must be right.</summary>
    [Fact]
    public void Tls_EveryExample_IsAConfigurationThatCouldBe()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "tls.md"));
        var examples = Regex.Matches(page, "^```json\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.Equal(2, examples.Count);
        Assert.All(examples, static example =>
        {
            using var octets = new MemoryStream(Encoding.UTF8.GetBytes(example.Groups[1].Value));
            var values = new ConfigurationBuilder().AddJsonStream(octets).Build().AsEnumerable()
                .ToDictionary(StringComparer.OrdinalIgnoreCase);
            values["Kestrel:Endpoints:Admin:Url"] = "http://127.0.0.1:9025";
            values.TryAdd("ReverseProxy:Clusters:relays:Destinations:mx:Address", "smtp://10.0.0.5:25");
            _ = SettingsReader.Read(values, out var problems);
            Assert.NotEmpty(problems);
            Assert.All(problems, static p => Assert.Matches("there is no file /etc/|\"/etc/[^\"]*\" is no PEM file", p.Text));
        });
    }

    private static IEnumerable<string> KeysOf(Type type, string path) =>
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.SetMethod is { IsPublic: true }
        from key in KeysOfValue(property.PropertyType, $"{path}:{property.Name}")
        select key;

    private static IEnumerable<string> KeysOfValue(Type type, string path) =>
        !type.Namespace!.StartsWith("SmtpProxy", StringComparison.Ordinal) || type.IsEnum
            ? typeof(IDictionary).IsAssignableFrom(type)
            && type.GetGenericArguments()[1] != typeof(string) ? KeysOf(type.GetGenericArguments()[1], $"{path}:NAME") : [path]
            : KeysOf(type, path);

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
