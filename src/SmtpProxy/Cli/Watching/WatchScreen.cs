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
    private const int MostRows = 200, WidestName = 16, WidestNameWhereNarrow = 12, Narrow = 100;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);
    private readonly SessionTable _table = new(paint);
    private readonly SessionWaterfall _waterfall = new(paint);
    private readonly WatchedSessions _source = new(api, isFleet, TimeProvider.System);
    private readonly Errands _errands = new();
    private WatchedPage _page = WatchedPage.None;

    /// <summary>The session that a key has moved to; null: whichever is first.</summary>
    private string? _chosen;

    private JsonElement? _shown;
    private string? _shownNode;
    private int _top;
    private bool _isStill;
    private bool _onlyFailed = onlyFailed;

    /// <summary>What came of a key; it stands until the next one.</summary>
    private string _note = "";

    /// <summary>Why the sessions cannot be read at this moment.</summary>
    private string _trouble = "";

    private string _query = query;

    /// <summary>The filters that are gone back to where the new ones are refused.</summary>
    private string _good = query;

    private FilterPrompt? _prompt;

    /// <summary>Shows until it is left.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Take(await _source.ListAsync(MostRows, _query).ConfigureAwait(false));
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
                    if (!Press(Console.ReadKey(intercept: true)))
                    {
                        return;
                    }
                }

                _errands.Take();
                if (turns % 10 == 0 && !_isStill)
                {
                    Refresh();
                }
            }
        }
        finally
        {
            Console.Out.Write("\x1b[?25h\x1b[?1049l");
        }
    }

    /// <summary>The sessions that are in the table.</summary>
    private IReadOnlyList<JsonElement> Sessions => !_onlyFailed ? _page.Sessions
        : [.. _page.Sessions.Where(static s => s.GetProperty("diagnosis").ValueKind == JsonValueKind.Object)];

    private static string? Id(JsonElement session) => SessionLines.Text(session, "session");

    private int Chosen(IReadOnlyList<JsonElement> sessions) =>
        Math.Max(0, sessions.TakeWhile(s => Id(s) != _chosen).Count() is var at && at < sessions.Count ? at : 0);

    private bool Press(ConsoleKeyInfo key)
    {
        if (_prompt is { } prompt)
        {
            Type(prompt, key);
            return true;
        }

        // What was said about the key before has been read.
        _note = "";
        var sessions = Sessions;
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
            case { Key: ConsoleKey.DownArrow or ConsoleKey.J } when sessions.Count > 0:
                _chosen = Id(sessions[Math.Min(sessions.Count - 1, Chosen(sessions) + 1)]);
                break;
            case { Key: ConsoleKey.UpArrow or ConsoleKey.K } when sessions.Count > 0:
                _chosen = Chosen(sessions) is > 1 and var at ? Id(sessions[at - 1]) : null;
                break;
            case { Key: ConsoleKey.Enter } when sessions.Count > 0 && _shown is null:
                var id = Id(sessions[Chosen(sessions)]);
                var node = id is null ? null : _page.Nodes.GetValueOrDefault(id);
                _errands.Send("open", () => _source.OneAsync(id, node), whole => (_top, _shown, _shownNode) = (0, whole, node), Note);
                break;
            case { KeyChar: '/' }:
                (_prompt, _shown) = (new FilterPrompt(FilterPrompt.Of(_query)), null);
                break;
            case { Key: ConsoleKey.P }:
                _isStill = !_isStill;
                break;
            case { Key: ConsoleKey.F }:
                _onlyFailed = !_onlyFailed;
                break;
            case { Key: ConsoleKey.H }:
                Tell("halt", new JsonObject { ["reason"] = "asked for in watch" }, "all faults are halted");
                break;
            case { Key: ConsoleKey.R }:
                Tell("resume", [], "faults may strike again");
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

    private void Note(string text) => _note = Printable.Of(text);

    /// <summary>Filters that cannot be applied are told of, and the old ones stay.</summary>
    private void Type(FilterPrompt prompt, ConsoleKeyInfo key)
    {
        if (prompt.Press(key) is not { } isApplied)
        {
            return;
        }

        _prompt = null;
        if (isApplied && FilterPrompt.UnknownIn(prompt.Text) is { } name)
        {
            Note($"there is no filter \"{name}\"; there are {string.Join(", ", WatchFilters.Typed)}");
        }
        else if (isApplied)
        {
            _query = FilterPrompt.QueryOf(prompt.Text);
            Read();
        }
    }

    private void Tell(string what, JsonObject body, string done) => _errands.Send(what, () => api.PostAsync($"faults/{what}", body),
        _ => Note(done), Note);

    /// <summary>A session that goes on is followed to its end, and else the table.</summary>
    private void Refresh()
    {
        if (_shown is not { } shown)
        {
            Read();
        }
        else if (shown.GetProperty("live").ValueKind == JsonValueKind.True)
        {
            _errands.Send("follow", () => _source.OneAsync(Id(shown), _shownNode), whole =>
            {
                // Another one may have been opened meanwhile, or none.
                _shown = _shown is { } now && Id(now) == Id(whole) ? whole : _shown;
                _trouble = "";
            }, why => _trouble = Printable.Of(why));
        }
    }

    private void Read()
    {
        var asked = _query;
        _errands.Send($"read {asked}", () => _source.ListAsync(MostRows, asked), page =>
        {
            if (asked == _query)
            {
                (_good, _trouble) = (asked, "");
                Take(page);
            }
        }, why =>
        {
            if (asked == _query && asked != _good)
            {
                _query = _good;
                Note(why);
            }
            else
            {
                _trouble = Printable.Of(why);
            }
        });
    }

    /// <summary>What was chosen by a key stays chosen, whatever comes above it, until it is there no more.</summary>
    private void Take(WatchedPage page)
    {
        _page = page;
        _chosen = page.Sessions.Any(s => Id(s) == _chosen) ? _chosen : null;
    }

    private void Draw()
    {
        var (width, height) = (Math.Max(20, Console.WindowWidth), Math.Max(6, Console.WindowHeight));
        var sessions = Sessions;
        List<string> dialogue = _shown is { } shown ? [.. _waterfall.Lines(shown, width)] : [];
        string[] foot = [.. Foot(sessions.Count, dialogue.Count > height - 1, width - 1)];
        var room = height - foot.Length;
        var lines = _shown is null ? [.. Rows(sessions, width, room - 1)] : dialogue;
        if (_shown is not null)
        {
            _top = Math.Clamp(_top, 0, Math.Max(0, lines.Count - room));
            lines = [.. lines.Skip(_top).Take(room)];
        }

        lines.AddRange(Enumerable.Repeat("", Math.Max(0, room - lines.Count)));
        lines.AddRange(foot.Select(paint.Cyan));
        var screen = new StringBuilder("\x1b[H");
        for (var n = 0; n < lines.Count; n++)
        {
            // Cleared before it is written: after a line that is as wide as the screen the cursor is still on its last character.
            screen.Append("\x1b[K").Append(lines[n]).Append(n < lines.Count - 1 ? "\r\n" : "");
        }

        Console.Out.Write(screen.ToString());
        Console.Out.Flush();
    }

    /// <summary>The last lines: how it stands, and the keys. Where they do not fit into one, what went wrong has one of its own, and the
    /// keys are as short as they must be.</summary>
    private IEnumerable<string> Foot(int count, bool isLonger, int width)
    {
        if (_prompt is { } prompt)
        {
            return [SessionTable.Cut($"filter: {Printable.Of(prompt.Text)}_   Enter applies, Esc gives up, Ctrl+U clears; "
                + "such as relay=mx1 code=4xx,5xx", width)];
        }

        var filter = _query.Length > 0 ? $"[{Printable.Of(FilterPrompt.Of(_query))}] " : "";
        var tags = $"{filter}{(_isStill ? "[paused] " : "")}{(_onlyFailed ? "[failures] " : "")}";
        var state = $"{tags}{_page.Missing}{(_note.Length > 0 ? _note : _trouble)}".TrimEnd();
        var number = string.Create(CultureInfo.InvariantCulture, $"{count} session{(count == 1 ? "" : "s")}");
        string[] keys = _shown is null
            ? ["↑↓ choose  Enter dialogue  / filter  f failures  p pause  h HALT faults  r resume  q leave",
                "↑↓ Enter  / filter  f failed  p pause  h HALT  r resume  q leave", "h HALT  q leave"]
            : [$"{(isLonger ? "↑↓ more  " : "")}Esc back  h HALT faults  q leave", "Esc back  h HALT  q leave"];
        var one = $"{number}  {state}{(state.Length > 0 ? "  " : "")}{keys[0]}";
        if (one.Length <= width)
        {
            return [one];
        }

        string[] above = state.Length > 0 ? [SessionTable.Cut(state, width)] : [];
        return [.. above, SessionTable.Cut(keys.Select(key => $"{number}  {key}").FirstOrDefault(line => line.Length <= width)
            ?? keys[^1], width)];
    }

    private IEnumerable<string> Rows(IReadOnlyList<JsonElement> sessions, int width, int room)
    {
        // The chosen one stays in sight.
        var chosen = Chosen(sessions);
        var first = Math.Max(0, chosen - room + 1);
        var name = !isFleet ? 0 : Math.Min(width < Narrow ? WidestNameWhereNarrow : WidestName,
            _page.Nodes.Values.Select(static n => n.Length).Append("proxy".Length).Max());
        var left = isFleet ? width - name - 1 : width;
        string Before(string node) => isFleet ? SessionTable.CutBefore(Printable.Of(node), name).PadRight(name) + " " : "";
        _table.Fit(sessions, left);
        return sessions.Skip(first).Take(room).Select((session, n) =>
                Before(_page.Nodes.GetValueOrDefault(Id(session) ?? "") ?? "") + _table.Row(session, left, first + n == chosen))
            .Prepend(paint.Dim(SessionTable.Cut(Before("proxy") + _table.Heading, width)));
    }
}
