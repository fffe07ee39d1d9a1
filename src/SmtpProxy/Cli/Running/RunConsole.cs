using System.Text.Json;
using System.Threading.Channels;
using SmtpProxy.Cli.Output;
using SmtpProxy.Live;

namespace SmtpProxy.Cli.Running;

/// <summary>
/// What a person sees who runs the proxy by hand: what to do next, and a line for each message. Lines go to standard output, each whole;
/// the log goes to standard error, so that neither is cut by the other.
/// </summary>
internal sealed class RunConsole : IAsyncDisposable
{
    /// <summary>Sessions that may wait to be printed. A terminal that takes nothing must not cost memory.</summary>
    private const int Most = 1000;

    /// <summary>What printing may take at the end. Where nobody reads, or the terminal was stopped, it would take for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Channel<Sighting> _ended =
        Channel.CreateBounded<Sighting>(new BoundedChannelOptions(Most)
            { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly SessionLines _lines;
    private readonly SightingStore _store;
    private readonly TextWriter _output;
    private readonly Task _printing;

    /// <summary>Begins to print.</summary>
    /// <param name="store">What ends is kept there.</param>
    /// <param name="output">Where to.</param>
    /// <param name="paint">Colours.</param>
    public RunConsole(SightingStore store, TextWriter output, Paint paint)
    {
        (_store, _output, _lines) = (store, output, new SessionLines(paint));
        _ = store.Follow(Take, store.Last);
        _printing = PrintAsync();
    }

    /// <summary>Prints what is left, as long as somebody takes it.</summary>
    public async ValueTask DisposeAsync()
    {
        _store.Leave(Take);
        _ended.Writer.TryComplete();
        await _printing.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Take(Sighting sighting) => _ended.Writer.TryWrite(sighting);

    private async Task PrintAsync()
    {
        await foreach (var sighting in _ended.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            using var session = JsonDocument.Parse(sighting.Detail);
            try
            {
                foreach (var line in _lines.Of(session.RootElement))
                {
                    await _output.WriteLineAsync(line).ConfigureAwait(false);
                }
            }
            catch (IOException)
            {
                // The terminal is gone. Mail is not its business.
            }
        }
    }
}
