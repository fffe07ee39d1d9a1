using System.CommandLine;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Cli.Watching;

/// <summary>A line for each message, and on again where the stream breaks off. What is no message goes to standard error.</summary>
/// <param name="api">The proxy.</param>
/// <param name="streams">Where lines go.</param>
/// <param name="query">Which sessions.</param>
/// <param name="onlyFailed">Whether only those with something wrong are wanted.</param>
/// <param name="isJson">Whether each is a line of JSON.</param>
/// <param name="isFleet">Whether it is of all proxies of the fleet.</param>
internal sealed class WatchLines(
    FaultsClient api, InvocationConfiguration streams, string query, bool onlyFailed, bool isJson, bool isFleet)
{
    private const int NameWidth = 16;
    private const int StandardOutput = 1;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly SessionLines _print = new(Paint.OfOutput());
    private readonly Dictionary<string, string> _lost = new(StringComparer.Ordinal);
    private readonly TextWriter _output = Output(streams.Output);
    private string? _last;

    /// <summary>Whether a proxy has said what it is, as each does first.</summary>
    private bool _wasGreeted;

    /// <summary>Whether the proxy that is asked was said to be lost.</summary>
    private bool _isAlone;

    /// <summary>Prints until it is stopped, or nobody reads any more.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var path = $"{(isFleet ? "fleet/" : "")}sessions/stream{(query.Length > 0 ? $"?{query}" : "")}";
        while (true)
        {
            try
            {
                var stream = await api.FollowAsync(path, _last).ConfigureAwait(false);
                await using (stream.ConfigureAwait(false))
                {
                    await foreach (var said in EventReader.ReadAsync(stream, stop).ConfigureAwait(false))
                    {
                        _last = said.Id ?? _last;
                        if (!await TryPrintAsync(said).ConfigureAwait(false))
                        {
                            return;
                        }
                    }
                }

                if (!_wasGreeted)
                {
                    throw api.NoProxy();
                }
            }
            catch (Exception e) when (_last is not null && e is IOException or HttpRequestException)
            {
                // It was there before: it restarts, or the way to it is down.
                await AloneAsync("its stream has ended").ConfigureAwait(false);
            }
            catch (FaultsRefusedException e) when (_last is not null)
            {
                // The same.
                await AloneAsync(e.Message).ConfigureAwait(false);
            }

            await Task.Delay(Pause, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Standard output. The console's own writer takes no notice of a reader that has gone, as <c>head</c> does: the program would
    /// go on for nobody. A file is left to the console, which shares the place in it with other programs.</summary>
    private static TextWriter Output(TextWriter console)
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected || console != Console.Out)
        {
            return console;
        }

        try
        {
#pragma warning disable CA2000 // It is standard output: nobody closes it.
            var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, 1);
            return stream.CanSeek ? console : new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
#pragma warning restore CA2000
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return console;
        }
    }

    private async Task AloneAsync(string why)
    {
        if (!_isAlone)
        {
            _isAlone = true;
            await TellAsync($"the proxy that is asked is lost: {why}").ConfigureAwait(false);
        }
    }

    private Task TellAsync(string what) => streams.Error.WriteLineAsync($"smtpproxy: {Printable.Of(what)}");

    /// <returns>Whether anybody reads.</returns>
    private async Task<bool> TryPrintAsync(ServerEvent said)
    {
        using var data = JsonDocument.Parse(said.Data);
        var node = SessionLines.Text(data.RootElement, "node");
        switch (said.Name)
        {
            case "hello":
                await GreetedAsync(data.RootElement).ConfigureAwait(false);
                break;
            case "session":
                return await TryWriteAsync(said.Data, data.RootElement, node).ConfigureAwait(false);
            case "gap":
                await TellAsync($"{data.RootElement.GetProperty("missed")} sessions were missed{(node is null ? "" : $" of {node}")}")
                    .ConfigureAwait(false);
                break;
            case "slow" when isFleet:
                await TellAsync("sessions were missed: they ended faster than they could be printed").ConfigureAwait(false);
                break;
            case "lost":
                await LostAsync(data.RootElement).ConfigureAwait(false);
                break;
            case "found" when IsBack(SessionLines.Text(data.RootElement, "id") ?? "", node ?? ""):
                await TellAsync($"{node} is back").ConfigureAwait(false);
                break;
        }

        return true;
    }

    private async Task GreetedAsync(JsonElement hello)
    {
        _wasGreeted = true;
        // A fleet of which nobody was heard yet has no place.
        _last ??= isFleet ? "" : SessionLines.Text(hello, "last");
        if (_isAlone)
        {
            _isAlone = false;
            await TellAsync("the proxy that is asked is back").ConfigureAwait(false);
        }

        foreach (var one in isFleet ? hello.GetProperty("unanswered").EnumerateArray().ToArray() : [])
        {
            await LostAsync(one).ConfigureAwait(false);
        }
    }

    private Task LostAsync(JsonElement said)
    {
        var node = SessionLines.Text(said, "node") ?? "";
        _lost[SessionLines.Text(said, "id") ?? node] = node;
        return TellAsync($"{node} is lost ({SessionLines.Text(said, "reason")}): {SessionLines.Text(said, "detail")}");
    }

    /// <summary>The process itself is back, or the next one of its name.</summary>
    private bool IsBack(string id, string node) =>
        _lost.Remove(id) || (_lost.FirstOrDefault(l => l.Value == node).Key is { } before && _lost.Remove(before));

    private async Task<bool> TryWriteAsync(string text, JsonElement data, string? node)
    {
        var session = isFleet ? data.GetProperty("session") : data;
        if (onlyFailed && session.GetProperty("diagnosis").ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        try
        {
            foreach (var line in isJson ? [Printable.Json(text)] : _print.Of(session))
            {
                await _output.WriteLineAsync(isFleet && !isJson ? $"{Printable.Of(node).PadRight(NameWidth)} {line}" : line)
                    .ConfigureAwait(false);
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
