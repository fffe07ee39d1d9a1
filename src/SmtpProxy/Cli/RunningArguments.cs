using System.CommandLine;
using System.Text;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Cli;

/// <summary>What the command line of a process that runs the proxy says of the configuration.</summary>
internal static class RunningArguments
{
    private static readonly string[] s_programs = ["smtpproxy", "smtpproxy.dll", "smtpproxy.exe"];

    /// <summary>Reads it, from <c>/proc</c>; nothing is overridden where the process is none that runs the proxy.</summary>
    /// <param name="process">Its id. An init that starts the proxy will do: it has the proxy's command line in its own.</param>
    /// <exception cref="IOException">There is no such process, or no <c>/proc</c>.</exception>
    public static Overrides Of(int process) =>
        Of(Encoding.UTF8.GetString(File.ReadAllBytes(FormattableString.Invariant($"/proc/{process}/cmdline")))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>What a command line says, with the program and whatever started it in front.</summary>
    internal static Overrides Of(string[] all)
    {
        var program = Array.FindIndex(all, static word => s_programs.Contains(Path.GetFileName(word), StringComparer.OrdinalIgnoreCase));
        if (program < 0)
        {
            return Overrides.None;
        }

        var keys = ConfigurationArguments.Split(all[(program + 1)..]);
        var options = new ProxyOptions();
        // Options of the command that it runs, whichever that is, are of no interest here.
        var any = new RootCommand { TreatUnmatchedTokensAsErrors = false };
        options.AddTo(any);
        return options.Read(any.Parse(keys.Rest, new ParserConfiguration { ResponseFileTokenReplacer = null }), keys.Values);
    }
}
