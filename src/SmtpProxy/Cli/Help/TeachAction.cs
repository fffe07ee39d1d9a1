using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SmtpProxy.Cli.Help;

/// <summary><c>--help</c>: the text of the command, or what the library makes of a command without one.</summary>
internal sealed class TeachAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        switch (parseResult.CommandResult.Command)
        {
            case TaughtCommand taught:
                parseResult.InvocationConfiguration.Output.Write(taught.Help);
                return ExitCode.Good;
            case RootCommand:
                parseResult.InvocationConfiguration.Output.Write(HelpText.Run);
                return ExitCode.Good;
            default:
                return new HelpAction().Invoke(parseResult);
        }
    }
}
