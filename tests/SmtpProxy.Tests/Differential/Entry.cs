using System.Text.Json.Nodes;

namespace SmtpProxy.Tests.Differential;

/// <summary>An exchange, as the journal must have it.</summary>
internal sealed class Entry(string verb, bool pipelined)
{
    private Answer? _answer;

    /// <summary>The command.</summary>
    public string Verb { get; } = verb;

    /// <summary>Fields of this kind of command only.</summary>
    public Dictionary<string, JsonNode?> More { get; } = [];

    /// <summary>It has its reply.</summary>
    public void Fill(Answer answer) => _answer = answer;

    /// <summary>It is about this recipient.</summary>
    public void Recipient(string? to)
    {
        if (to is not null)
        {
            More["recipient"] = to;
        }
    }

    /// <summary>One more reply to the same message.</summary>
    public Entry Another()
    {
        var another = new Entry(Verb, pipelined);
        foreach (var (name, value) in More.Where(static m => m.Key != "recipient"))
        {
            another.More[name] = value?.DeepClone();
        }

        return another;
    }

    /// <summary>As in the journal.</summary>
    public JsonObject Json()
    {
        var json = new JsonObject { ["verb"] = Verb, ["code"] = _answer?.Code, ["enhanced"] = _answer?.Enhanced, ["lines"] = _answer?.Lines
            ?? 0, ["pipelined"] = pipelined };
        foreach (var (name, value) in More)
        {
            json[name] = value?.DeepClone();
        }

        return json;
    }

    /// <summary>As in the journal, for a greeting.</summary>
    public static JsonObject? Json(Answer? greeting) =>
        greeting is null ? null : new JsonObject { ["code"] = greeting.Code, ["enhanced"] = greeting.Enhanced, ["lines"] = greeting.Lines };
}
