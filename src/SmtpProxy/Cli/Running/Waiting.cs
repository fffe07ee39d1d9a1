namespace SmtpProxy.Cli.Running;

/// <summary>Waiting for a token, as a task.</summary>
internal static class Waiting
{
    /// <summary>Completes when the token is cancelled.</summary>
    public static async Task WhenCancelled(this CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(cancelled.SetResult).ConfigureAwait(false);
        await cancelled.Task.ConfigureAwait(false);
    }
}
