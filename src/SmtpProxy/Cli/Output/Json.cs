using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SmtpProxy.Cli.Output;

/// <summary>How commands write JSON.</summary>
internal static class Json
{
    /// <summary>One line. It goes to a program and not into a page, so that quotes and brackets of addresses stay readable.</summary>
    public static JsonSerializerOptions Lines { get; } = new(JsonSerializerDefaults.Web)
        { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A line with its end. It may go to a terminal all the same.</summary>
    public static string Line(JsonNode node) => Printable.Json(node.ToJsonString(Lines)) + "\n";
}
