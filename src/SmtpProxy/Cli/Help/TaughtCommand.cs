using System.CommandLine;

namespace SmtpProxy.Cli.Help;

/// <summary>A command with a help text of its own: one that teaches.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">One line.</param>
/// <param name="help">What <c>--help</c> prints.</param>
internal class TaughtCommand(string name, string description, string help) : Command(name, description)
{
    /// <summary>What <c>--help</c> prints.</summary>
    public string Help { get; } = help;
}
