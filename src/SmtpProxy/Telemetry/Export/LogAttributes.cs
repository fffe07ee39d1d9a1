using System.Text;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Telemetry.Export;

/// <summary>The names under which a log entry's values are pushed: those that metrics and spans have for the same thing. Message templates
/// need names that are identifiers of the language, so the two differ.</summary>
internal static class LogAttributes
{
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["Listener"] = Attributes.Listener,
        ["Cluster"] = Attributes.Cluster,
        ["Relay"] = Attributes.Destination,
        ["Session"] = SpanAttributes.Session,
        ["Diagnosis"] = Attributes.Diagnosis,
        ["Peer"] = SpanAttributes.ClientAddress,
        ["Host"] = SpanAttributes.ServerAddress,
        ["Path"] = "file.path",
    };

    /// <summary>The name of a template's placeholder: the known one, or <c>smtpproxy.log.</c> and the placeholder in snake case.
    /// What is no placeholder (<c>{OriginalFormat}</c>, or a name with a dot) stays.</summary>
    public static string NameOf(string placeholder) =>
        Known.TryGetValue(placeholder, out var known) ? known
        : placeholder.Length == 0 || placeholder[0] == '{' || placeholder.Contains('.') ? placeholder
        : "smtpproxy.log." + Snake(placeholder);

    private static string Snake(string name)
    {
        var snake = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && snake.Length > 0)
            {
                snake.Append('_');
            }

            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }
}
