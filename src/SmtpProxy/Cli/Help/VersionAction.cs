using System.CommandLine;
using System.CommandLine.Invocation;

namespace SmtpProxy.Cli.Help;

/// <summary><c>--version</c>: the name and the version, and nothing else.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"smtpproxy {typeof(VersionAction).Assembly.GetName().Version?.ToString(3)}");
        return ExitCode.Good;
    }
}
