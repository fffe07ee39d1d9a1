using System.Globalization;

namespace SmtpProxy.Endurance;

/// <summary>What the command line says: <c>NAME=VALUE</c> after the command.</summary>
/// <param name="words">The words.</param>
internal sealed class Arguments(string[] words)
{
    /// <summary>A text, or what stands for it where it is not said.</summary>
    public string Text(string name, string otherwise) =>
        Array.Find(words, w => w.StartsWith(name + "=", StringComparison.Ordinal)) is { } word ? word[(name.Length + 1)..] : otherwise;

    /// <summary>A number.</summary>
    public double Number(string name, double otherwise) =>
        Text(name, "") is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>The product: that of the repository, built with <c>-c Release</c>, unless something else is said.</summary>
    public string Program => Text("program", Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "SmtpProxy", "release", "SmtpProxy.dll")));

    /// <summary>The transport.</summary>
    public string Transport => Text("transport", "Auto");
}
