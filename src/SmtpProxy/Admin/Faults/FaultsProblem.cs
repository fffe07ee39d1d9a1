using System.Globalization;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Admin.Faults;

/// <summary>The rules were changed.</summary>
/// <param name="Revision">Of all rules, after it.</param>
/// <param name="Status">Where the rule stands; null: it is gone.</param>
internal sealed record RuleChanged(long Revision, RuleStatus? Status);

/// <summary>Answers that say what is wrong and what would be right (RFC 9457).</summary>
internal static class FaultsProblem
{
    /// <summary>The answer to a change.</summary>
    public static IResult Of(RuleChange change, FaultEngine engine, string id) => change.Kind switch
    {
        RuleChangeKind.Done => Results.Json(
            new RuleChanged(change.Revision, engine.Status().Rules.FirstOrDefault(r => r.Id == id)), FaultsJson.Sent.RuleChanged),
        RuleChangeKind.Refused => Refused(change.Errors),
        RuleChangeKind.OtherRevision => Results.Problem(
            string.Create(CultureInfo.InvariantCulture,
                $"The rules are at revision {change.Revision}; read them again, or leave If-Match out."),
            statusCode: StatusCodes.Status412PreconditionFailed, title: "The rules have changed meanwhile"),
        RuleChangeKind.Unreachable => Results.Problem(
            "The fleet has its rules in common, and they could be neither read nor changed, or are too many. GET /api/v1/fleet says why. "
            + "POST /api/v1/faults/halt stops all faults here at once.",
            statusCode: StatusCodes.Status503ServiceUnavailable, title: "The fleet cannot be asked"),
        RuleChangeKind.OfFile => Conflict("The rule belongs to the configuration", change.Errors[0].Text),
        _ => NotFound(id,
            $"There is no \"{HttpRefusals.Short(id)}\"; " + (engine.Rules.Texts().Keys.ToArray() is { Length: > 0 } rules
                ? $"the rules are {HttpRefusals.Short(string.Join(", ", rules.Order(StringComparer.Ordinal)))}."
                : "there are no rules.")),
    };

    /// <summary>422: rules that cannot work, each with where and why. There are never more than a reader would read.</summary>
    public static IResult Refused(IReadOnlyList<RuleError> errors, string title = "The rule cannot work") => Results.Problem(
        string.Join("; ", errors.Take(RuleError.Most).Select(static e => e.Path.Length == 0 ? e.Text : $"{e.Path} {e.Text}"))
        + (errors.Count >= RuleError.Most ? "; and possibly more" : ""),
        statusCode: StatusCodes.Status422UnprocessableEntity,
        title: title,
        extensions: [KeyValuePair.Create("errors", (object?)errors.Take(RuleError.Most).ToArray())]);

    /// <summary>409.</summary>
    public static IResult Conflict(string title, string detail) =>
        Results.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: title);

    /// <summary>404.</summary>
    public static IResult NotFound(string id, string? detail = null) => Results.Problem(
        detail ?? $"There is no \"{HttpRefusals.Short(id)}\"; GET /api/v1/faults/rules names the rules.",
        statusCode: StatusCodes.Status404NotFound, title: "Not found");

    /// <summary>The revision that a request insists on; null: none. The answer, when it is no revision.</summary>
    public static IResult? TryRevision(HttpRequest request, out long? revision)
    {
        revision = null;
        var header = request.Headers.IfMatch.ToString();
        if (header.Length == 0 || header == "*")
        {
            return null;
        }

        if (long.TryParse(header.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            revision = number;
            return null;
        }

        return Results.Problem(
            "If-Match must be the revision of the rules in quotes, such as \"41\".", statusCode: StatusCodes.Status400BadRequest,
            title: "No revision");
    }
}
