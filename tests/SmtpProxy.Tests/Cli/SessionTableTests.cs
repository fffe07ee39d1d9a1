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
}
