using System.Globalization;
using System.Text;
using SmtpProxy.Codes;

namespace SmtpProxy.Tests.Codes;

/// <summary>Renders docs/codes.md from the catalogue. When the data changes, the test that compares them shows the new page.</summary>
internal static class CodesPage
{
    public static string Render()
    {
        var page =
            new StringBuilder(
                "# Reply codes\n\nEvery code that the proxy knows: the data behind `smtpproxy code` and `GET /api/v1/codes/{code}`. "
            + "The first digit says how it went (2 done, 3 go on, 4 not now,\n5 not like this), the second what it is about (0 syntax, " +
                "1 information, 2 the connection, 5 the mail system): RFC 5321 4.2.1.\n");
        foreach (var reply in Catalogue.Replies)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {reply.Code} {reply.Name}\n{reply.Meaning}\n\n");
            page.Append(CultureInfo.InvariantCulture, $"* class: {CodeClass.Severity(reply.Code)}\n");
            if (reply.In.Count > 0)
            {
                page.Append("* appears in: ").AppendJoin(", ", reply.In).Append('\n');
            }

            page.Append("* send next: ").Append(reply.Next).Append('\n');
            page.Append("* causes: ").AppendJoin("; ", reply.Causes).Append('\n');
            page.Append("* remedy: ").Append(reply.Remedy).Append('\n');
            page.Append("* source: ").Append(reply.Source).Append('\n');
        }

        page.Append(
            "\n# Enhanced status codes\nClass (2, 4 or 5), subject, detail: RFC 3463 and the registry. X stands for the class.\n\n| " +
                "subject | about |\n| --- | --- |\n");
        foreach (var subject in Catalogue.Subjects)
        {
            page.Append(CultureInfo.InvariantCulture, $"| X.{subject.Subject} | {subject.Name}: {subject.Meaning} |\n");
        }

        page.Append("\n| code | name | meaning | remedy | source |\n| --- | --- | --- | --- | --- |\n");
        foreach (var entry in Catalogue.EnhancedCodes)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"| {entry.Code} | {entry.Name} | {entry.Meaning} | {entry.Remedy} | {entry.Source} |\n");
        }

        return page.ToString();
    }
}
