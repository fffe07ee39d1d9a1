using System.Diagnostics;
using SmtpProxy.FunctionalTests.Faults.Clients;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Rehearsals;

namespace SmtpProxy.FunctionalTests.Rehearsals.Judged;

/// <summary>swaks, run once.</summary>
/// <param name="known">How.</param>
/// <param name="port">Where to.</param>
internal sealed class SwaksClient(KnownBehaviour known, int port) : IRehearsedClient
{
    public string Output { get; private set; } = "";

    public async Task<int> RunAsync(string phase, CancellationToken cancel)
    {
        string[] tls = known.Tls switch { TlsWish.Required => ["--tls"], TlsWish.Offered => ["--tls-optional"], _ => [] };
        using var process = Process.Start(new ProcessStartInfo(PeerTool.Require("swaks"),
            ["--server", $"127.0.0.1:{port}", "--from", "sender@client.example", "--to", "recipient@test.example", "--helo",
                "client.example", .. tls])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(cancel);
        Output = await process.StandardOutput.ReadToEndAsync(cancel) + await errors;
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }
}
