using System.Text.RegularExpressions;

namespace SmtpProxy.Configuration.Schema;

/// <summary>Tells which settings are secrets, so that nothing shows them.</summary>
internal static partial class Secrets
{
    private const string Mask = "********";
    private static readonly string[] Words = ["Token", "Password", "Secret", "HashKey", "HEADERS"];

    /// <summary>Whether the value of a key is a secret, as far as its name tells.</summary>
    public static bool IsSecret(string key)
    {
        var name = key.Split(':')[^1];
        return Array.Exists(Words, word => name.EndsWith(word, StringComparison.OrdinalIgnoreCase))
            || key.Contains(":Transforms:", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A value as it may be shown: secrets and passwords in URLs are masked, and control characters
    /// do not reach a terminal.</summary>
    public static string Show(string key, string value) =>
        IsSecret(key) ? Mask : string.Concat(WithoutPassword(value).Select(static c => char.IsControl(c) ? '?' : c));

    /// <summary>A text whose URLs have lost their user names and passwords.</summary>
    public static string WithoutPassword(string text) => UserInfo().Replace(text, $"//{Mask}@");

    [GeneratedRegex("//[^/\\s]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();
}
