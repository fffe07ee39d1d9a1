using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using SmtpProxy.Admin;
using SmtpProxy.Cli.Health;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Configuration;

namespace SmtpProxy.Cli;

/// <summary><c>healthcheck</c>: asks the proxy that runs with this configuration whether it is ready.</summary>
internal static class HealthCheckCommand
{
    private const string Text = """
        smtpproxy healthcheck - is the proxy on this machine ready for mail?

        Asks /readyz at the admin address that the configuration names, with its token: files, environment variables and options are read as run reads
        them. For containers and service managers; from elsewhere, ask /readyz yourself.

        Usage
          smtpproxy healthcheck [--pid N] [options]

        Options
          --pid N                          go by the command line of process N too, under this one's. In a container the proxy is process 1
          --timeout SECONDS                how long the answer may take; 3 unless you say so
          --config, --admin, --Section:Key=value, and all others of run
                                           as for run; see smtpproxy --help

        Examples
          smtpproxy healthcheck
          smtpproxy healthcheck --admin http://127.0.0.1:9025
          In a Dockerfile:
            HEALTHCHECK CMD ["smtpproxy", "healthcheck", "--pid", "1"]

        Exit codes: 0 it is ready; 1 it is not, or does not answer in time. Standard error says which.

        """;

    /// <summary>Makes the command.</summary>
    /// <param name="options">Its options, those of <c>run</c>.</param>
    /// <param name="keys">The configuration that the command line spells out.</param>
    public static Command Create(ProxyOptions options, IReadOnlyDictionary<string, string?> keys)
    {
        var process = new Option<int?>("--pid") { HelpName = "N" };
        // With the start of this process it is shorter than the five seconds after which the image's engine gives up.
        var seconds = new Option<double>("--timeout") { HelpName = "SECONDS", DefaultValueFactory = static _ => 3, CustomParser = Seconds };
        var command = new TaughtCommand("healthcheck", "is the proxy on this machine ready for mail?", Text) { process, seconds };
        options.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var own = options.Read(parsed, keys);
            try
            {
                var settings = ConfigurationSetup.Read(parsed.GetValue(process) is { } id ? RunningArguments.Of(id).Under(own) : own);
                return await AskAsync(settings, TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(seconds), 0.1, 3600)),
                    parsed.InvocationConfiguration, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return NotReady(parsed.InvocationConfiguration,
                    $"process {parsed.GetValue(process)} is not there, or may not be looked at");
            }
        });
        return command;
    }

    private static double Seconds(ArgumentResult result)
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && !double.IsNaN(number))
        {
            return number;
        }

        result.AddError($"--timeout {result.Tokens[0].Value}: write a number of seconds, such as 3");
        return 0;
    }

    private static async Task<int> AskAsync(IConfiguration settings, TimeSpan patience, InvocationConfiguration output,
        CancellationToken cancel)
    {
        var url = settings.GetSection("Kestrel:Endpoints").GetChildren().Select(static e => e["Url"])
            .FirstOrDefault(static u => !string.IsNullOrEmpty(u)) ?? ProgramDefaults.AdminUrl;
        string why;
        try
        {
            using var door = new AdminDoor(url, settings[$"{AdminOptions.Section}:{nameof(AdminOptions.BearerToken)}"], patience);
            var code = await door.AskAsync("/readyz", cancel).ConfigureAwait(false);
            if (code == HttpStatusCode.OK)
            {
                await output.Output.WriteLineAsync("ready").ConfigureAwait(false);
                return ExitCode.Good;
            }

            why = code == HttpStatusCode.ServiceUnavailable
                ? "it is starting or stopping, or a listener is not open" : $"{url} answered {(int)code}";
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException)
        {
            why = $"{url}: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            why = $"{url} did not answer in time";
        }

        return NotReady(output, why);
    }

    private static int NotReady(InvocationConfiguration output, string why)
    {
        output.Error.WriteLine(Printable.Of($"smtpproxy: not ready: {why}"));
        return ExitCode.Refused;
    }
}
