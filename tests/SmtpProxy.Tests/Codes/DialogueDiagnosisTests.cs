using System.Text.Json;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Codes;

/// <summary>Recorded dialogues: those that went well have no diagnosis, and the others theirs, however the octets are cut.</summary>
public sealed class DialogueDiagnosisTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Dialogues");

    /// <summary>The dialogues that did not end well. All others did.</summary>
    private static readonly Dictionary<string, string> Failed = new()
    {
        ["own-421-in-mid-data"] = "relay_closing",
        ["own-552-in-mid-data"] = "too_large",
        ["own-8bit-without-smtputf8"] = "command_refused",
        ["own-auth-external-equals"] = "command_refused",
        ["own-auth-cut-behind-challenges"] = "relay_hung_up",
        ["own-bdat-cut-in-last-chunk"] = "end_of_data_missing",
        ["own-bdat-refused-too-large"] = "too_large",
        ["own-auth-refused-with-pipelined-lines"] = "auth_refused",
        ["own-client-fin-in-mid-command"] = "client_hung_up",
        ["own-client-fin-in-mid-data"] = "end_of_data_missing",
        ["own-client-reset-after-data"] = "final_reply_missing",
        ["own-data-answered-250"] = "data_refused",
        ["own-data-refused-body-follows"] = "relay_internal_error",
        ["own-greeting-554-then-quit"] = "greeting_refused",
        ["own-half-close-by-server"] = "relay_closing",
        ["own-http-post"] = "http_on_smtp_port",
        ["own-http-server-reply"] = "relay_not_smtp",
        ["own-lmtp-bdat-outside"] = "command_refused",
        ["own-lmtp-relay-reset-in-mid-data"] = "relay_hung_up",
        ["own-pipelined-deferral-354-anyway"] = "greylisted",
        ["own-pipelined-deferral-554-to-data"] = "greylisted",
        ["own-rcpt-without-path"] = "command_refused",
        ["own-lmtp-rfc2033-example"] = "mailbox_full",
        ["own-mixed-codes-250-421"] = "relay_closing",
        ["own-no-greeting-close"] = "relay_hung_up",
        ["own-rcpt-all-refused-354-anyway"] = "recipient_unknown",
        ["own-server-closes-mid-code"] = "relay_hung_up",
        ["own-server-closes-mid-multiline"] = "relay_hung_up",
        ["own-ssh-banner"] = "relay_not_smtp",
        ["own-starttls-client-stays-plain"] = "tls_handshake_failed",
        ["own-starttls-command-injection"] = "tls_handshake_failed",
        ["own-starttls-hello-before-220"] = "tls_handshake_failed",
        ["own-starttls-injection-partial-line"] = "tls_handshake_failed",
        ["own-starttls-response-injection"] = "tls_handshake_failed",
        ["own-unsolicited-421-idle"] = "relay_closing",
    };

    public static TheoryData<string, int> Dialogues()
    {
        var all = new TheoryData<string, int>();
        foreach (var file in Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal))
        {
            all.Add(Path.GetFileNameWithoutExtension(file), int.MaxValue);
            all.Add(Path.GetFileNameWithoutExtension(file), 1);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Dialogues))]
    public void Dialogue_Recorded_IsDiagnosedOnlyIfItFailed(string name, int cut)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".json")));
        using var talk = new Conversation(maxEntries: 10_000);
        talk.Connect();
        Leg? first = null;
        foreach (var happened in document.RootElement.GetProperty("events").EnumerateArray())
        {
            var leg = happened.GetProperty("from").GetString() == "client" ? Leg.Client : Leg.Relay;
            if (happened.TryGetProperty("op", out _))
            {
                first ??= leg;
                talk.Session.Ended(leg, EndKind.Fin, Conversation.Ticks(talk.Now));
                continue;
            }

            foreach (var piece in happened.GetProperty("data_b64").GetBytesFromBase64().Chunk(cut))
            {
                talk.Wait(1).Pass(leg, piece);
            }
        }

        var outcome = talk.Dialogue switch
        {
            { FinalState: FinalState.Quit } => SessionOutcome.Quit,
            { GreetingCode: >= 400 } => SessionOutcome.Refused,
            _ => first == Leg.Relay ? SessionOutcome.RelayGone : SessionOutcome.ClientGone,
        };
        var diagnosis = talk.Over(outcome).Line().GetProperty("diagnosis");

        Assert.Equal(Failed.GetValueOrDefault(name), diagnosis.ValueKind == JsonValueKind.Null
            ? null : diagnosis.GetProperty("code").GetString());
    }
}
