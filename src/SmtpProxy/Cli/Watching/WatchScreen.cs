using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Cli.Watching;

/// <summary>Sessions on a whole screen: a table that follows, one session's waterfall, and the keys.</summary>
/// <param name="api">The proxy.</param>
/// <param name="query">Which sessions.</param>
/// <param name="onlyFailed">Whether it begins with failures only.</param>
/// <param name="paint">Colours.</param>
/// <param name="isFleet">Whether it is of all proxies of the fleet.</param>
internal sealed class WatchScreen(FaultsClient api, string query, bool onlyFailed, Paint paint, bool isFleet = false)
{
    private const int MostRows = 200;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);
    private readonly SessionTable _table = new(paint);
    private readonly SessionWaterfall _waterfall = new(paint);
    private readonly WatchedSessions _source = new(api, isFleet);
    private IReadOnlyList<JsonElement> _sessions = [];
    private string? _chosen;
    private JsonElement? _shown;
    private int _top;
    private bool _isStill;
    private bool _onlyFailed = onlyFailed;
    private string _note = "";
    private string _query = query;
    private FilterPrompt? _prompt;

    /// <summary>Shows until it is left.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await ReadAsync().ConfigureAwait(false);
        // The alternate screen, without a cursor: what was there before comes back afterwards.
        Console.Out.Write("\x1b[?1049h\x1b[?25l");
        try
        {
            for (var turns = 1; ; turns++)
            {
                Draw();
                await Task.Delay(Turn, stop).ConfigureAwait(false);
                while (Console.KeyAvailable)
                {
                    if (!await PressAsync(Console.ReadKey(intercept: true)).ConfigureAwait(false))
                    {
                        return;
                    }
                }

                if (turns % 10 == 0 && !_isStill)
                {
                    await TryAsync(_shown is null ? ReadAsync : RefreshAsync).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            Console.Out.Write("\x1b[?25h\x1b[?1049l");
        }
    }

    private int Chosen => Math.Max(0, _sessions.TakeWhile(s => Id(s) != _chosen).Count() is var at && at < _sessions.Count ? at : 0);

    private static string? Id(JsonElement session) => SessionLines.Text(session, "session");

    private async Task<bool> PressAsync(ConsoleKeyInfo key)
    {
        if (_prompt is { } prompt)
        {
            await TypeAsync(prompt, key).ConfigureAwait(false);
            return true;
        }

        // What was said about the key before has been read.
        _note = "";
        switch (key)
        {
            case { Key: ConsoleKey.Q }:
                return false;
            case { Key: ConsoleKey.Escape or ConsoleKey.Backspace }:
                _shown = null;
                break;
            case var _ when _shown is not null && RowsOf(key.Key) is var rows and not 0:
                _top += rows;
                break;
            case { Key: ConsoleKey.DownArrow or ConsoleKey.J } when _sessions.Count > 0:
                _chosen = Id(_sessions[Math.Min(_sessions.Count - 1, Chosen + 1)]);
                break;
            case { Key: ConsoleKey.UpArrow or ConsoleKey.K } when _sessions.Count > 0:
                _chosen = Id(_sessions[Math.Max(0, Chosen - 1)]);
                break;
            case { Key: ConsoleKey.Enter } when _sessions.Count > 0:
                _top = 0;
                await TryAsync(async () => _shown = await _source.OneAsync(Id(_sessions[Chosen])).ConfigureAwait(false))
                    .ConfigureAwait(false);
                break;
            case { KeyChar: '/' }:
                (_prompt, _shown) = (new FilterPrompt(FilterPrompt.Of(_query)), null);
                break;
            case { Key: ConsoleKey.P }:
                _isStill = !_isStill;
                break;
            case { Key: ConsoleKey.F }:
                _onlyFailed = !_onlyFailed;
                await TryAsync(ReadAsync).ConfigureAwait(false);
                break;
            case { Key: ConsoleKey.H }:
                await TryAsync(() => TellAsync(api.PostAsync("faults/halt", new JsonObject { ["reason"] = "asked for in watch" }),
                    "all faults are halted")).ConfigureAwait(false);
                break;
            case { Key: ConsoleKey.R }:
                await TryAsync(() => TellAsync(api.PostAsync("faults/resume", []), "faults may strike again")).ConfigureAwait(false);
                break;
        }

        return true;
    }

    /// <summary>How far a key moves what is longer than the screen; 0: it is no such key.</summary>
    private static int RowsOf(ConsoleKey key) => key switch
    {
        ConsoleKey.DownArrow or ConsoleKey.J => 1,
        ConsoleKey.PageDown => Math.Max(1, Console.WindowHeight - 2),
        ConsoleKey.PageUp => -Math.Max(1, Console.WindowHeight - 2),
        ConsoleKey.UpArrow or ConsoleKey.K => -1,
        _ => 0,
    };

    /// <summary>Filters that cannot be applied are told of, and the old ones stay.</summary>
    private async Task TypeAsync(FilterPrompt prompt, ConsoleKeyInfo key)
    {
        if (prompt.Press(key) is not { } isApplied)
        {
            return;
        }

        _prompt = null;
        if (isApplied && FilterPrompt.UnknownIn(prompt.Text) is { } name)
        {
            _note = Printable.Of($"there is no filter \"{name}\"; there are {string.Join(", ", WatchFilters.Typed)}");
        }
        else if (isApplied)
        {
            var before = _query;
            _query = FilterPrompt.QueryOf(prompt.Text);
            if (!await TryAsync(ReadAsync).ConfigureAwait(false))
            {
                _query = before;
            }
        }
    }

    /// <summary>A session that goes on is followed to its end.</summary>
    private async Task RefreshAsync()
    {
        if (_shown is { } shown && shown.GetProperty("live").ValueKind == JsonValueKind.True)
        {
            _shown = await _source.OneAsync(Id(shown)).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(Task asked, string done)
    {
        await asked.ConfigureAwait(false);
        _note = done;
    }

    private async Task ReadAsync()
    {
        _sessions = [.. (await _source.ListAsync(MostRows, _query).ConfigureAwait(false))
            .Where(s => !_onlyFailed || s.GetProperty("diagnosis").ValueKind == JsonValueKind.Object)];
        _chosen = _sessions.Count > 0 ? Id(_sessions[Chosen]) : null;
    }

    /// <summary>What cannot be done now is said, and the screen stays.</summary>
    private async Task<bool> TryAsync(Func<Task> ask)
    {
        try
        {
            await ask().ConfigureAwait(false);
            return true;
        }
        catch (FaultsRefusedException e)
        {
            _note = Printable.Of(e.Message);
            return false;
        }
    }

    private void Draw()
    {
        var (width, height) = (Math.Max(40, Console.WindowWidth), Math.Max(6, Console.WindowHeight));
        List<string> lines = _shown is { } shown
            ? [.. _waterfall.Lines(shown, width)]
            : [paint.Dim(SessionTable.Cut(_source.Before() + SessionTable.Heading, width)), .. Rows(width, height - 2)];
        var isLonger = lines.Count > height - 1;
        if (_shown is not null)
        {
            _top = Math.Clamp(_top, 0, Math.Max(0, lines.Count - (height - 1)));
            lines = [.. lines.Skip(_top).Take(height - 1)];
        }

        while (lines.Count < height - 1)
        {
            lines.Add("");
        }

        var keys = _shown is null ? "↑↓ choose  Enter dialogue  / filter  f failures  p pause  h HALT faults  r resume  q leave"
            : $"{(isLonger ? "↑↓ more  " : "")}Esc back  h HALT faults  q leave";
        var filter = _query.Length > 0 ? $"[{Printable.Of(FilterPrompt.Of(_query))}] " : "";
        var state = $"{filter}{(_isStill ? "[paused] " : "")}{(_onlyFailed ? "[failures] " : "")}{_source.Lost}{_note}";
        var last = _prompt is { } prompt
            ? $"filter: {Printable.Of(prompt.Text)}_   Enter applies, Esc gives up, Ctrl+U clears; such as relay=mx1 code=4xx,5xx"
            : string.Create(CultureInfo.InvariantCulture, $"{_sessions.Count} sessions  {state}{(state.Length > 0 ? "  " : "")}{keys}");
        lines.Add(paint.Cyan(SessionTable.Cut(last, width - 1)));
        var screen = new StringBuilder("\x1b[H");
        for (var n = 0; n < lines.Count; n++)
        {
            screen.Append(lines[n]).Append("\x1b[K").Append(n < lines.Count - 1 ? "\r\n" : "");
        }

        Console.Out.Write(screen.ToString());
        Console.Out.Flush();
    }

    private IEnumerable<string> Rows(int width, int room)
    {
        // The chosen one stays in sight.
        var first = Math.Max(0, Chosen - room + 1);
        return _sessions.Skip(first).Take(room).Select((session, n) => 
            _source.Before(Id(session)) + _table.Row(session, width - _source.Before().Length, first + n == Chosen));
    }
}
