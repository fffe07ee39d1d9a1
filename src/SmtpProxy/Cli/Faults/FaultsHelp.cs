namespace SmtpProxy.Cli.Faults;

/// <summary>What <c>faults --help</c> teaches.</summary>
internal static class FaultsHelp
{
    /// <summary>The text.</summary>
    public const string Text = """
        smtpproxy faults - break mail on purpose, in a proxy that runs

        The proxy must have been started with faults enabled, in an environment that is meant to be broken:
          smtpproxy --faults …             or SmtpProxy:Faults:Enabled=true with DOTNET_ENVIRONMENT=Staging

        Usage
          smtpproxy faults [list]                     where faults stand, and every rule
          smtpproxy faults list --presets             what can be started
          smtpproxy faults start PRESET [options]     start one; it ends by itself
          smtpproxy faults stop RUN|PRESET|RULE       end it early
          smtpproxy faults halt [REASON]              stop everything at once and release what is held
          smtpproxy faults resume                     let faults strike again
          smtpproxy faults explain [MEMBER=VALUE …]   which rule would strike in such a session, and why

        Options
          --admin URL          the admin address of the proxy; http://127.0.0.1:9025 unless you say so
          --json               the answer as JSON
          --ttl TIME           start: how long it lives, 90s, 10m or 00:10:00; ten minutes unless you say so
          --scale N            start: multiplies every time in it; 0.1 for tests whose timeouts are a tenth
          --match NAME=VALUE   start: only sessions that match; repeat it. --match 'rcptTo=*@partner.example'
          --set NAME=VALUE     start: another value of a member of its rules or actions; repeat it. --set duration=00:01:05
        The token of the proxy, where it has one, is read from the environment variable SMTPPROXY_TOKEN.

        Exit codes: 0 it was done, 1 it was refused; standard error says why, and what would be right.

        Recipes
          The greeting takes 65 seconds, for ten minutes:
            smtpproxy faults start slow-banner --set duration=00:01:05
          Greylisting that lets the second attempt pass, for one recipient domain:
            smtpproxy faults start greylist --set attempts=2 --match 'rcptTo=*@partner.example'
          Why does nothing happen? Members are client, listener, cluster, destination, heloName, mailFrom, rcptTo, recipientCount,
          declaredSize, authenticated, tls, upstreamReply, elapsed and transactionsInSession:
            smtpproxy faults explain mailFrom=app@example.org rcptTo=user@partner.example client=10.0.0.7
          Stop everything:
            smtpproxy faults halt

        docs/faults.md has every point, action and preset.

        """;
}
