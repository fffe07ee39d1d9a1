using System.Globalization;
using System.Text;
using SmtpProxy.Codes;

namespace SmtpProxy.Tests.Codes;

/// <summary>Renders docs/diagnosis.md from the catalogue. When the data changes, the test that compares them shows the new page.</summary>
internal static class DiagnosisPage
{
    public static string Render()
    {
        var page = new StringBuilder("# Diagnosis\n\n"
            + "Every session that did not end well gets one of these: as the journal's `diagnosis` (code, text, remedy, evidence), as " +
                "`smtpproxy.diagnosis` of the counter\n"
            + "`smtpproxy.diagnoses` and of the session's span, and in the log. A session that went well gets none. Where the evidence " +
                "does not decide, the diagnosis is\n"
            + "`unclear`, and the journal lists the candidates, the likely first. The evidence holds codes, names and times, never text " +
                "from the wire.\n"
            + "`smtpproxy code \"550 5.7.1 …\"` reads a line in the same way.\n\n"
            + "The first refusal that made a message fail decides; what came to nothing (a log-in that succeeded the second time, an " +
                "EHLO that HELO replaced, a recipient\n"
            + "refused while others were served) is none. In a session that passes encrypted only a handshake that fails in the clear " +
                "can be seen.\n\n"
            + "| evidence | what |\n| --- | --- |\n"
            + "| `operation`, `code`, `enhanced` | the reply that decided, and what it answered |\n"
            + "| `answered_by` | `proxy`, where the proxy answered in the relay's place " +
                "([transparency](transparency.md#what-the-proxy-says-by-itself)) |\n"
            + "| `phrase`, `provider` | the well-known text that was recognised in it, in our words, and whose it is, where only one " +
                "product says it |\n"
            + "| `waiting_in` | the operation without an answer at the end; `body`: in the middle of the message |\n"
            + "| `ended_by`, `quiet_ms` | who ended it, and how long after the last octet |\n"
            + "| `dial` | why no relay was reached; `drained`: every relay of the cluster was taken out of service |\n"
            + "| `relay_port`, `relay_began_with` | where the relay was and what its first octets were, where it did not greet |\n"
            + "| `tls_alert`, `tls_alert_of` | the alert that ended a handshake, and whose it was |\n"
            + "| `tls_error`, `tls_error_of` | why a handshake of the proxy's own failed ([TLS](tls.md#when-a-handshake-fails)), and " +
                "with whom |\n"
            + "| `tls_handshake_at` | where a handshake stopped that passes through: `begun` (nothing came), `client_hello` (the relay " +
                "sent nothing), `server_hello` (the client did not go on) |\n"
            + "| `lines_behind_the_end` | lines after the end of a message that are no commands |\n"
            + "| `anomalies` | those that matter here |\n\n| diagnosis | where to look | what |\n| --- | --- | --- |\n");
        foreach (var entry in Catalogue.Diagnoses)
        {
            page.Append(CultureInfo.InvariantCulture, $"| [{entry.Code}](#{entry.Code}) | {entry.Side} | {entry.Title} |\n");
        }

        foreach (var entry in Catalogue.Diagnoses)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {entry.Code}\n**{entry.Title}.** {entry.Text}\n\n{entry.Remedy}\n");
            var texts = Catalogue.Texts.Where(t => t.Diagnosis == entry.Code).ToList();
            if (texts.Count > 0)
            {
                page.Append("\nRecognised replies:\n\n");
                foreach (var text in texts)
                {
                    page.Append(CultureInfo.InvariantCulture, $"* {text.Name} ({text.Provider}; source: {text.Source})\n");
                }
            }
        }

        return page.ToString();
    }
}
