using System.Runtime.CompilerServices;

namespace SmtpProxy.Transport.Portable;

/// <summary>To be awaited by a loop that never has to wait: lets others have the thread, and goes on in <see cref="BusyRow"/>.</summary>
internal readonly struct NextTurn : ICriticalNotifyCompletion
{
    /// <summary>It always waits.</summary>
    public bool IsCompleted => false;

    /// <summary>For <c>await</c>.</summary>
    public NextTurn GetAwaiter() => this;

    /// <summary>For <c>await</c>.</summary>
    public void GetResult()
    {
        // There is nothing to tell.
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => BusyRow.Add(new Rest(continuation));

    private sealed class Rest(Action continuation) : IThreadPoolWorkItem
    {
        public void Execute() => continuation();
    }
}
