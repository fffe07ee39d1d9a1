using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Tests.Faults.Engine;

public sealed class QuestionTests
{
    /// <summary>What was asked last is waited for: what was asked before it is known by then.</summary>
    [Theory]
    [InlineData("occasion")]
    [InlineData("attempt")]
    [InlineData("budget")]
    public async Task Wait_ForWhatWasAskedLast_IsOverWhenThatIsAnswered(string last)
    {
        var question = new Question<string>([]);
        var (never, other) = (new TaskCompletionSource<long?>().Task, new TaskCompletionSource<(long Attempts, TimeSpan Age)?>().Task);
        var (number, attempt) = (new TaskCompletionSource<long?>(), new TaskCompletionSource<(long Attempts, TimeSpan Age)?>());
        question.Occasion = last == "occasion" ? number.Task : never;
        question.Attempt = last switch { "attempt" => attempt.Task, "budget" => other, _ => null };
        question.Budget = last == "budget" ? number.Task : null;
        var told = new TaskCompletionSource();
        question.Wait(0, null, false, told.SetResult);
        Assert.True(question.IsWaiting);
        number.TrySetResult(1);
        attempt.TrySetResult((1, default));
        await told.Task.WaitAsync(TimeSpan.FromMinutes(1));
        question.Resume();
        Assert.False(question.IsWaiting);
    }
}
