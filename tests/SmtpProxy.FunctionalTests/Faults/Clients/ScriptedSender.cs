using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>A library of another language: one process that is asked and answers in lines of JSON.</summary>
internal sealed class ScriptedSender : ISender
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<Told>> _asked = new();
    private readonly Func<double?, double?> _limits;
    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task<string> _errors;
    private readonly SemaphoreSlim _line = new(1);
    private long _last;

    private ScriptedSender(Func<double?, double?> limits, string program, params string[] arguments)
    {
        _limits = limits;
        _process = Process.Start(new ProcessStartInfo(program, arguments)
            { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _errors = _process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    /// <summary>smtplib, which has no timeout unless it is given one: nothing to scale.</summary>
    public static ScriptedSender Smtplib() => new(static _ => null, PeerTool.Require("python3"), Script("sender.py"));

    /// <summary>nodemailer.</summary>
    public static ScriptedSender Nodemailer() => new(
        static scale => scale, PeerTool.Require("node"), Script("sender.cjs"), PeerTool.RequireUnpacked("node/node_modules/nodemailer"));

    public async Task<Told> SendAsync(Letter letter)
    {
        var (id, answer) = (Interlocked.Increment(ref _last),
            new TaskCompletionSource<Told>(TaskCreationOptions.RunContinuationsAsynchronously));
        _asked[id] = answer;
        var ask = JsonSerializer.Serialize(new
        {
            id,
            name = letter.Name,
            host = "127.0.0.1",
            port = letter.Port,
            tls = letter.Tls.ToString().ToLowerInvariant(),
            limits = _limits(letter.Limits),
            keep = letter.Keep,
            from = letter.From,
            to = letter.To,
            message = letter.Message,
        });
        await _line.WaitAsync();
        await _process.StandardInput.WriteLineAsync(ask);
        await _process.StandardInput.FlushAsync();
        _line.Release();
        return await answer.Task.WaitAsync(ProxyProcess.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _line.Dispose();
    }

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Faults", "Clients", name);

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var answer = JsonElement.Parse(line);
            _asked[answer.GetProperty("id").GetInt64()]
                .TrySetResult(new Told(answer.GetProperty("ok").GetBoolean(), answer.GetProperty("told").GetString()!));
        }

        var why = new InvalidOperationException($"The sender ended:\n{await _errors}");
        foreach (var asked in _asked.Values)
        {
            asked.TrySetException(why);
        }
    }
}
