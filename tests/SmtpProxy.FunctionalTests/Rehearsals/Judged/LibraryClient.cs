using SmtpProxy.FunctionalTests.Faults.Clients;
using SmtpProxy.Rehearsals;

namespace SmtpProxy.FunctionalTests.Rehearsals.Judged;

/// <summary>An application that sends by a library, and leaves when it is done.</summary>
/// <param name="create">Makes the library's client.</param>
/// <param name="known">How it is used.</param>
/// <param name="port">Where to.</param>
/// <param name="scale">What the library's own times are multiplied by, where slowness is rehearsed.</param>
internal sealed class LibraryClient(Func<ISender> create, KnownBehaviour known, int port, double scale) : IRehearsedClient
{
    public string Output { get; private set; } = "";

    public async Task<int> RunAsync(string phase, CancellationToken cancel)
    {
        var failed = 0;
        var sender = create();
        await using (sender)
        {
            for (var n = 0; n < known.Messages; n++)
            {
                var letter = new Letter("client", port, known.Tls, known.IsSlow ? scale : null, known.Keeps, $"sender-{n}@client.example",
                    [.. Enumerable.Range(1, known.Recipients).Select(r => $"recipient-{n}-{r}@test.example")], known.Octets);
                var told = await sender.SendAsync(letter);
                told = !told.Ok && known.SendsAgain ? await sender.SendAsync(letter) : told;
                Output += told.What + "\n";
                failed += told.Ok ? 0 : 1;
                // From now on: how long the first message took, the start of the client included, must not shorten what a connection idles.
                using var pause = new PeriodicTimer(known.Thinks);
                await pause.WaitForNextTickAsync(cancel);
            }
        }

        return failed;
    }
}
