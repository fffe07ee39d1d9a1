using System.Text.Json;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>A trace as a receiver has it.</summary>
internal sealed class Trace(JsonElement json)
{
    /// <summary>Its id.</summary>
    public string Id { get; } = json.GetProperty("traceId").GetString()!;

    /// <summary>Its spans in the order of their starts.</summary>
    public IReadOnlyList<Span> Spans
        { get; } = [.. json.GetProperty("spans").EnumerateArray().Select(static s => new Span(s)).OrderBy(static s => s.Start)];

    /// <summary>The span without a parent. There is one.</summary>
    public Span Root => Assert.Single(Spans, static s => s.Parent is null);

    /// <summary>The names below a span.</summary>
    public string[] Below(Span parent) => [.. Spans.Where(s => s.Parent == parent.Id).Select(static s => s.Name)];

    /// <summary>The only span of a name.</summary>
    public Span One(string name) => Assert.Single(Spans, s => s.Name == name);

    public override string ToString() => json.ToString();
}

/// <summary>A span as a receiver has it.</summary>
internal sealed class Span(JsonElement json)
{
    public string Id { get; } = json.GetProperty("spanId").GetString()!;

    public string? Parent { get; } = json.TryGetProperty("parentSpanId", out var parent) ? parent.GetString() : null;

    public string Name { get; } = json.GetProperty("name").GetString()!;

    public string Kind { get; } = json.GetProperty("kind").GetString()!;

    public bool IsError { get; } = json.GetProperty("status").GetProperty("code").GetString() == "ERROR";

    /// <summary>Milliseconds since 1970.</summary>
    public double Start { get; } = json.GetProperty("startTime").GetDouble();

    /// <summary>As above.</summary>
    public double End { get; } = json.GetProperty("endTime").GetDouble();

    /// <summary>The events as <c>VERB code</c>.</summary>
    public string[] Transcript =>
        [.. json.GetProperty("events").EnumerateArray().Select(static e => e.GetProperty("attributes"))
            .Select(static a => $"{a.GetProperty("smtp.command.verb").GetString()} {a.GetProperty("smtp.response.status_code")}")];

    /// <summary>An attribute as text; null where it has none.</summary>
    public string? this[string attribute] =>
        json.GetProperty("attributes").TryGetProperty(attribute, out var value) ? value.ToString() : null;
}
