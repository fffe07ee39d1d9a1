using System.Text.Json;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry.Journal;

/// <summary>Recorded dialogues with the exact record a correct observer makes of them: the journal's line must be that record, however the
/// octets are cut.</summary>
public sealed class JournalJsonConformanceTests
{
    private static readonly string Directory = Path.Combine(AppContext.BaseDirectory, "Dialogues");

    public static TheoryData<string, int> Dialogues()
    {
        var all = new TheoryData<string, int>();
        foreach (var file in System.IO.Directory.EnumerateFiles(Directory, "*.json").Order(StringComparer.Ordinal))
        {
            foreach (var cut in (int[])[int.MaxValue, 1, 7])
            {
                all.Add(Path.GetFileNameWithoutExtension(file), cut);
            }
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Dialogues))]
    public void Line_RecordedDialogue_IsTheExpectedRecord(string name, int cut)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Directory, name + ".json")));
        var expect = document.RootElement.GetProperty("expect");
        if (expect.TryGetProperty("ambiguous", out _))
        {
            return;
        }

        using var talk = new Conversation(maxEntries: 10_000);
        talk.Connect();
        foreach (var happened in document.RootElement.GetProperty("events").EnumerateArray())
        {
            Play(talk, happened, cut);
        }

        var line = talk.Over().Line();
        Assert.Equal([], ExpectedRecord.Differences(expect, line));
        Assert.Equal(line.GetProperty("duration_ms").GetDecimal(),
            new[] { "client_ms", "relay_ms", "proxy_ms" }.Sum(n => line.GetProperty(n).GetDecimal()));
    }

    private static void Play(Conversation talk, JsonElement happened, int cut)
    {
        var leg = happened.GetProperty("from").GetString() == "client" ? Leg.Client : Leg.Relay;
        if (happened.TryGetProperty("op", out var op))
        {
            talk.Dialogue.Ended(leg);
            return;
        }

        foreach (var piece in happened.GetProperty("data_b64").GetBytesFromBase64().Chunk(cut))
        {
            talk.Wait(1).Pass(leg, piece);
        }
    }
}
