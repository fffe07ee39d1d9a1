using System.Collections;

namespace SmtpProxy.Configuration.Schema;

/// <summary>Variables of the environment that the program reads by themselves: they are no settings, and none of the
/// sections knows their names.</summary>
internal static class OwnVariables
{
    /// <summary>The token of a running proxy, for the commands that ask one.</summary>
    public const string Token = "SMTPPROXY_TOKEN";

    /// <summary>What kind of place this process runs in.</summary>
    public const string Environment = "DOTNET_ENVIRONMENT";

    /// <summary>The same, as ASP.NET Core calls it.</summary>
    public const string WebEnvironment = "ASPNETCORE_ENVIRONMENT";

    private static readonly string[] All = [Token, Environment, WebEnvironment];

    /// <summary>The one that was meant by a name with one slip of the finger, or in other capitals where they count; null: it is right, or
    /// somebody else's. A name that only goes on after the right one is somebody's own.</summary>
    /// <param name="name">A variable's name.</param>
    public static string? Meant(string name) => Array.Find(All, own => IsMisspelt(name, own));

    /// <summary>A variable by which this one was meant; null: there is none, or the right one is there.</summary>
    /// <param name="own">One of these.</param>
    /// <param name="variables">All that there are.</param>
    public static string? InsteadOf(string own, IDictionary variables) =>
        variables.Contains(own) ? null
            : variables.Keys.Cast<string>().Order(StringComparer.Ordinal).FirstOrDefault(name => IsMisspelt(name, own));

    private static bool IsMisspelt(string name, string own) =>
        !name.Equals(own, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)
        && (name.Length == own.Length || !name.StartsWith(own, StringComparison.Ordinal))
        && DidYouMean.IsOneSlip(name, own);
}
