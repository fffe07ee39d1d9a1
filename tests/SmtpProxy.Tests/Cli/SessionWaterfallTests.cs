using System.Text.Json;
using SmtpProxy.Cli.Output;
using SmtpProxy.Cli.Watching;

namespace SmtpProxy.Tests.Cli;

/// <summary>One session's dialogue in the terminal.</summary>
public sealed class SessionWaterfallTests
{
    [Fact]
    public void Exchanges_StandOnOneTimeAxis_WithCodesAndWhoSaidThem()
    {
        string[] lines = [.. new SessionWaterfall(Paint.None).Lines(JsonDocument.Parse("""
            {"session":"01","client":"192.0.2.7:1","destination":"mx1","relay":"198.51.100.1:25","outcome":"quit","tls":"none","duration_ms":30,"client_ms":10,"relay_ms":20,"proxy_ms":0,
             "greeting":{"code":220,"enhanced":null,"ms":10,"at_ms":0},
             "exchanges":[{"verb":"EHLO","code":250,"enhanced":null,"ms":10,"at_ms":10},{"verb":"RCPT","code":450,"enhanced":"4.2.0","origin":"fault","ms":10,"at_ms":20},{"verb":"DATA","code":null,"ms":null,"at_ms":null}],
             "anomalies":["early-talker"],"diagnosis":{"code":"greylisted","text":"Later.","remedy":"Wait."}}
            """).RootElement, 100)];
        Assert.Equal(
            [
                "01  192.0.2.7 -> mx1 (198.51.100.1:25)",
                "quit, 30 ms: client 10 ms, relay 20 ms, proxy 0 ms; TLS none",
                "greeting      10 ms  ██████████                      220 ",
                "EHLO          10 ms            ██████████            250 ",
                "RCPT          10 ms                      ██████████  450 4.2.0 (by the fault)",
                "DATA              -  █                               waiting",
                "anomalies: early-talker",
                "greylisted: Later. Wait.",
            ],
            lines);
    }
}
