using System.CommandLine;
using System.Text.Json;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Codes;

namespace SmtpProxy.Cli;

/// <summary><c>code</c>: what reply codes mean, when they appear and what to do; side by side when there are several.</summary>
internal static class CodeCommand
{
    private const int Columns = 100;
    private static readonly CatalogueJson Json = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true });

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var codes = new Argument<string[]>("code") { Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json");
        var command = new TaughtCommand("code", "what reply codes mean, when they appear, and what to do", HelpText.Code) { codes, json };
        command.SetAction(parsed =>
        {
            var answers = new List<CodeAnswer>();
            foreach (var text in parsed.GetValue(codes)!)
            {
                if (Catalogue.Find(text) is not { } answer)
                {
                    parsed.InvocationConfiguration.Error.WriteLine(
                        $"smtpproxy: \"{Printable.Of(text)}\" is no reply code: write one such as 354, an enhanced code such as 5.7.1, " +
                            "or a whole reply line in quotes");
                    return ExitCode.Refused;
                }

                answers.Add(answer);
            }

            parsed.InvocationConfiguration.Output.Write(parsed.GetValue(json)
                ? JsonSerializer.Serialize(answers, Json.ListCodeAnswer) + "\n"
                : Printable.Lines(CodeText.Render(answers, Columns)));
            return ExitCode.Good;
        });
        return command;
    }
}
