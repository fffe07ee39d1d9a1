using System.Text.Json;
using SmtpProxy.Cli.Output;
using SmtpProxy.Cli.Watching;

namespace SmtpProxy.Tests.Cli;

/// <summary>Rows of the table of <c>watch</c>.</summary>
public sealed class SessionTableTests
{
    [Theory]
    [InlineData(
        """
        {"started_unix":43200,"client":"192.0.2.7:1","destination":"mx1","duration_ms":31.7,"live":false,
         "outcome":"quit","diagnosis":null,"codes":[220,250],"messages":{"accepted":1,"tempfail":1}}
        """,
        "  12:00:00  192.0.2.7             mx1             32 ms  1/2       quit 220 250")]
    [InlineData(
        """
        {"started_unix":43200,"client":"192.0.2.7:1","destination":null,"duration_ms":42000,"live":true,
         "waiting_for":"greeting","waiting_ms":42000,"messages":{"accepted":0}}
        """,
        "  12:00:00  192.0.2.7             -              42.0 s  -         waits for greeting since 42.0 s")]
    public void Session_IsARow(string session, string row)
    {
        var table = new SessionTable(Paint.None);
        Assert.Equal(row, table.Row(JsonDocument.Parse(session).RootElement, 120, false));
        Assert.Equal('>', table.Row(JsonDocument.Parse(session).RootElement, 120, true)[0]);
        Assert.Equal(30, table.Row(JsonDocument.Parse(session).RootElement, 30, false).Length);
    }

    /// <summary>Where there is little room, what happened stays, and the columns are as wide as what stands in them.</summary>
    [Theory]
    [InlineData(120, "  began     client                relay            took  messages  state",
        "  12:00:00  192.0.2.7             mx1             32 ms  1/2       recipient_unknown 220 550")]
    [InlineData(80, "  began     client     relay     took  messages  state",
        "  12:00:00  192.0.2.7  mx1      32 ms  1/2       recipient_unknown 220 550")]
    [InlineData(63, "  began     client     relay     took  state", "  12:00:00  192.0.2.7  mx1      32 ms  recipient_unknown 220 5…")]
    [InlineData(50, "  began     client     relay  state", "  12:00:00  192.0.2.7  mx1    recipient_unknown 2…")]
    [InlineData(40, "  began     client     state", "  12:00:00  192.0.2.7  recipient_unknow…")]
    public void Session_WhereThereIsLittleRoom_ShowsWhatHappened(int width, string heading, string row)
    {
        var session = JsonDocument.Parse("""
            {"started_unix":43200,"client":"192.0.2.7:1","destination":"mx1","duration_ms":31.7,"live":false,
             "outcome":"quit","diagnosis":{"code":"recipient_unknown"},"codes":[220,550],"messages":{"accepted":1,"tempfail":1}}
            """).RootElement;
        var table = new SessionTable(Paint.None);
        table.Fit([session], width);
        Assert.Equal(heading, table.Heading);
        Assert.Equal(row, table.Row(session, width, false));
    }

    [Theory]
    [InlineData("node-0", 12, "node-0")]
    [InlineData("smtpproxy-7d9f8b6c5d-x2x4z", 12, "…b6c5d-x2x4z")]
    [InlineData("node-0", 1, "")]
    public void Name_ThatIsTooLong_KeepsItsEnd(string name, int width, string cut) =>
        Assert.Equal(cut, SessionTable.CutBefore(name, width));
}
