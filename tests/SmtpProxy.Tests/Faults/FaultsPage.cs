using System.Globalization;
using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Actions;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Presets;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Tests.Faults;

/// <summary>Renders the parts of docs/faults.md that say what rules, actions and presets are, from the
/// descriptions that read them.</summary>
internal static class FaultsPage
{
    /// <summary>The tables of members.</summary>
    public static string Rules()
    {
        var page = new StringBuilder("| member | what it is | meaning |\n| --- | --- | --- |\n");
        Rows(page, RuleFields.All, "");
        return page.ToString();
    }

    /// <summary>A section for each action.</summary>
    public static string Actions()
    {
        var page = new StringBuilder();
        foreach (var action in FaultActions.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"### {action.Name}\n{action.Doc}\n\nAt {Points(action)}.\n\n");
            if (action.Fields.Count > 0)
            {
                page.Append("| member | what it is | meaning |\n| --- | --- | --- |\n");
                Rows(page, action.Fields, "");
                page.Append('\n');
            }
        }

        return page.ToString();
    }

    /// <summary>A section for each preset.</summary>
    public static string Presets()
    {
        var page = new StringBuilder();
        foreach (var preset in PresetCatalogue.All)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"### {preset.Name}\n{preset.Does}\n\n* Proves: {preset.Proves}\n* Catches: {preset.Catches}\n* Effect: {preset.Effect}\n")
                .Append(CultureInfo.InvariantCulture,
                    $"* Start: `curl -X POST $ADMIN/api/v1/faults/scenarios/{preset.Name}/start --json '{{\"ttl\":\"00:10:00\"}}'`\n\n");
        }

        return page.ToString();
    }

    private static string Points(ActionDescription action) =>
        action.Points.Count >= FaultAction.Everywhere.Count
            ? "every point" : string.Join(", ", action.Points.Select(static p => $"`{FaultNames.Of(p)}`"));

    private static void Rows(StringBuilder page, IReadOnlyList<Field> fields, string path)
    {
        foreach (var field in fields)
        {
            var what = field.Name == "at"
                ? "one of the [points](#points)" : field.Kind == FieldKind.Action ? "one of the [actions](#actions)" : field.Expected;
            page.Append(CultureInfo.InvariantCulture,
                $"| `{path}{field.Name}` | {what}{(field.IsRequired ? "; required" : "")} | {field.Doc}")
                .Append(field.Default is null ? "" : $" Default: {field.Default}.").Append(" |\n");
            Rows(page, field.Members, $"{path}{field.Name}.");
        }
    }
}
