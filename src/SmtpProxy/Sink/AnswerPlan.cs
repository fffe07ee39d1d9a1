using System.Runtime.CompilerServices;

namespace SmtpProxy.Sink;

/// <summary>What is asked for of each stage. The default value asks for nothing.</summary>
internal struct AnswerPlan
{
    private Answers _answers;

    /// <summary>What a stage shall be answered.</summary>
    public readonly Answer this[Stage stage] => _answers[(int)stage];

    /// <summary>Asks for more of a stage.</summary>
    public void Add(Stage stage, Answer answer) => _answers[(int)stage] = _answers[(int)stage].And(answer);

    /// <summary>Takes over what another plan asks for behind a stage; what it asks for before has had its time.</summary>
    public void AddBehind(Stage stage, in AnswerPlan other)
    {
        for (var later = stage + 1; later <= Stage.Quit; later++)
        {
            Add(later, other[later]);
        }
    }

    /// <summary>Takes over what the sink's own plan asks of every transaction once MAIL is accepted.</summary>
    public void AddOfSink(in AnswerPlan sink)
    {
        for (var later = Stage.Rcpt; later < Stage.Quit; later++)
        {
            Add(later, sink[later]);
        }
    }

    /// <summary>The transaction is over: what was asked for of it is done with; QUIT is not part of it.</summary>
    public void EndTransaction()
    {
        var quit = this[Stage.Quit];
        this = default;
        Add(Stage.Quit, quit);
    }

    /// <summary>Takes an answer out.</summary>
    public Answer Take(Stage stage)
    {
        var answer = this[stage];
        _answers[(int)stage] = default;
        return answer;
    }

    [InlineArray((int)Stage.Quit + 1)]
    private struct Answers
    {
        private Answer _first;
    }
}
