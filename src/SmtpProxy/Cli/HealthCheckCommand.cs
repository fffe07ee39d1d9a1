using System.CommandLine;
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
          --config, --admin, --Section:Key=value, and all others of run
                                           as for run; see smtpproxy --help

        Examples
          smtpproxy healthcheck
          smtpproxy healthcheck --admin http://127.0.0.1:9025
          In a Dockerfile:
            HEALTHCHECK CMD ["smtpproxy", "healthcheck", "--pid", "1"]

        Exit codes: 0 it is ready; 1 it is not, or does not answer within three seconds. Standard error says which.

        """;

    /// <summary>Shorter than the three seconds after which container engines are usually told to give up, with the start of this process.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2.5);

    /// <summary>Makes the command.</summary>
    /// <param name="options">Its options, those of <c>run</c>.</param>
    /// <param name="keys">The configuration that the command line spells out.</param>
    public static Command Create(ProxyOptions options, IReadOnlyDictionary<string, string?> keys)
    {
        var process = new Option<int?>("--pid") { HelpName = "N" };
        var command = new TaughtCommand("healthcheck", "is the proxy on this machine ready for mail?", Text) { process };
        options.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var own = options.Read(parsed, keys);
            var settings = ConfigurationSetup.Read(parsed.GetValue(process) is { } id ? RunningArguments.Of(id).Under(own) : own);
            return await AskAsync(settings, parsed.InvocationConfiguration, cancel).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> AskAsync(IConfiguration settings, InvocationConfiguration output, CancellationToken cancel)
    {
        var url = settings.GetSection("Kestrel:Endpoints").GetChildren().Select(static e => e["Url"]).FirstOrDefault(static u => !string.IsNullOrEmpty(u)) ?? "http://127.0.0.1:9025";
        string why;
        try
        {
            using var door = new AdminDoor(url, settings[$"{AdminOptions.Section}:{nameof(AdminOptions.BearerToken)}"], s_patience);
            var code = await door.AskAsync("/readyz", cancel).ConfigureAwait(false);
            if (code == HttpStatusCode.OK)
            {
                await output.Output.WriteLineAsync("ready").ConfigureAwait(false);
                return ExitCode.Good;
            }

            why = code == HttpStatusCode.ServiceUnavailable ? "it is starting or stopping, or a listener is not open" : $"{url} answered {(int)code}";
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException)
        {
            why = $"{url}: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            why = $"{url} did not answer in time";
        }

        await output.Error.WriteLineAsync(Printable.Of($"smtpproxy: not ready: {why}")).ConfigureAwait(false);
        return ExitCode.Refused;
    }
}
