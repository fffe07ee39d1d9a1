using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SmtpProxy.Rehearsals.Files;

namespace SmtpProxy.Rehearsals;

/// <summary>The client under test as a command: one text goes to the shell, several are a program and its arguments. Where to send is in
/// placeholders such as <c>{port}</c> and in its environment.</summary>
internal sealed partial class CommandClient : IRehearsedClient
{
    private const int MostKept = 4096;

    /// <summary>What a shell ends with where a command is not there, or may not be run.</summary>
    private const int CannotRun = 126;
    private const int NotFound = 127;
    private readonly IReadOnlyList<string> _command;
    private readonly Dictionary<string, string> _words;
    private readonly StringBuilder _output = new();

    /// <summary>Creates it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="plan">The rehearsal.</param>
    /// <param name="place">Where to send.</param>
    public CommandClient(IReadOnlyList<string> command, RehearsalPlan plan, RehearsalPlace place)
    {
        var host = place.Host.Contains(':', StringComparison.Ordinal) ? $"[{place.Host}]" : place.Host;
        (_command, _words) = (command, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = place.Host,
            ["port"] = place.Port.ToString(CultureInfo.InvariantCulture),
            ["smtp"] = string.Create(CultureInfo.InvariantCulture, $"{host}:{place.Port}"),
            ["seed"] = plan.Seed.ToString(CultureInfo.InvariantCulture),
            ["scale"] = plan.Scale.ToString(CultureInfo.InvariantCulture),
            ["messages"] = plan.Messages.ToString(CultureInfo.InvariantCulture),
            ["ca"] = place.Certificate ?? "",
        });
    }

    /// <inheritdoc/>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="RehearsalRefusedException">The command cannot be started.</exception>
    public async Task<int> RunAsync(string phase, CancellationToken cancel)
    {
        using var process = new Process { StartInfo = Start(phase) };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw new RehearsalRefusedException([$"the client's command cannot be started: {e.Message}"]);
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode is CannotRun or NotFound && _command.Count == 1
            ? throw new RehearsalRefusedException(
                [$"the client's command cannot be run: {Output.TrimEnd().Split('\n')[^1]} (exit code {process.ExitCode})"])
            : process.ExitCode;
    }

    private ProcessStartInfo Start(string phase)
    {
        string Fill(string text) => Placeholder().Replace(text, m => m.Value == "{phase}" ? phase : _words[m.Value[1..^1]]);
        var start = new ProcessStartInfo
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var words = _command.Count > 1 ? _command
            : OperatingSystem.IsWindows() ? ["cmd.exe", "/c", _command[0]] : ["/bin/sh", "-c", _command[0]];
        start.FileName = Fill(words[0]);
        foreach (var word in words.Skip(1))
        {
            start.ArgumentList.Add(Fill(word));
        }

        foreach (var (name, value) in _words)
        {
            start.Environment[$"REHEARSAL_{name.ToUpperInvariant()}"] = value;
        }

        start.Environment["REHEARSAL_PHASE"] = phase;
        // What a client prints of its environment is in reports.
        start.Environment.Remove(Configuration.Schema.OwnVariables.Token);
        return start;
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.Append(line.Length > MostKept ? line[..MostKept] : line).Append('\n');
            if (_output.Length > MostKept)
            {
                _output.Remove(0, _output.Length - MostKept);
            }
        }
    }

    /// <summary>What stands after a dollar is the shell's.</summary>
    [GeneratedRegex(@"(?<!\$)\{(host|port|smtp|seed|scale|messages|ca|phase)\}")]
    private static partial Regex Placeholder();
}
