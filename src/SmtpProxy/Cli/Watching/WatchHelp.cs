namespace SmtpProxy.Cli.Watching;

/// <summary>What <c>watch --help</c> teaches.</summary>
internal static class WatchHelp
{
    public const string Text = """
        smtpproxy watch - the sessions of a proxy that runs, in the terminal

        On a terminal: a table of the sessions that are open and the last that ended, which follows.
        Elsewhere, and with --lines: a line for each message as its session ends.

        Usage
          smtpproxy watch [options]

        Options
          --admin URL              the admin address of the proxy; http://127.0.0.1:9025 unless you say so
          --fleet                  all proxies of its fleet; each line begins with the proxy's name. Who is lost, gone or back is said
          --lines                  lines instead of the table
          --json                   the session's summary as one line of JSON, as it ends
          --listener NAME          only sessions of this listener; so, too:
          --relay NAME  --cluster NAME  --client ADDRESS|CIDR  --code 550|4xx  --enhanced 5.1.1  --outcome NAME  --diagnosis CODE  --anomaly NAME
          --tls none|starttls|refused|implicit|TLSv1.2  --slower-than MILLISECONDS  --faulted  --failed
        Filters are those of the page and of GET /api/v1/sessions; values separated by commas are alternatives.
        The token of the proxy, where it has one, is read from the environment variable SMTPPROXY_TOKEN.

        Keys in the table
          up, down, k, j     choose a session          p        stand still, and go on
          Enter              its dialogue as a waterfall; Esc goes back
          h                  halt all faults at once   r        let them strike again
          /                  filter: relay=mx1 code=4xx,5xx; by the names above, or none for all
          f                  failures only             q        leave

        Exit codes: 0 it was left, 1 there is no such proxy, or it refuses; standard error says why.

        Examples
          What fails right now, and why?
            smtpproxy watch --failed
          The same, at all proxies of the fleet
            smtpproxy watch --fleet --failed
          Refusals of one relay, for a program
            smtpproxy watch --relay mx1 --code 4xx,5xx --json | jq .refusals

        """;
}
