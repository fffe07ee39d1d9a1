namespace SmtpProxy.Cli.Rehearsing;

/// <summary>What <c>rehearse --help</c> teaches.</summary>
internal static class RehearseHelp
{
    public const string Text = """
        smtpproxy rehearse - break mail on purpose, and judge what your client does about it

        A rehearsal is a file: which fault, which client, what must be true before, during and after. The command starts a proxy of its own on
        this machine, with a relay that discards mail behind it, arms the fault, has your client send, and looks at every session. The exit
        code is the verdict. No mail leaves this machine.

        Usage
          smtpproxy rehearse FILE... --client 'COMMAND' [options]
          smtpproxy rehearse FILE... --admin URL [options]        with a proxy that runs in staging, and its relays
          smtpproxy rehearse FILE... --check                      read the files, and run nothing
          smtpproxy rehearse --schema                             the JSON Schema of the files, for your editor

        Options
          --client COMMAND         how your client is had to send, for the shell; in place of traffic.run of the files. Where to send is in
                                   $REHEARSAL_SMTP (host:port), $REHEARSAL_HOST and $REHEARSAL_PORT, and wherever the command has {smtp}, {host}
                                   or {port}. Also: SEED, SCALE, MESSAGES, CA (the certificate to trust), PHASE (before, during, after)
          --scale N                multiply every time in the files: 0.001 makes five minutes 0.3 seconds. Have your client shrink its own
                                   times by $REHEARSAL_SCALE
          --admin URL              rehearse with this proxy. It must run outside Production with faults enabled; rules are made with an end, and
                                   removed. With its token in SMTPPROXY_TOKEN
          --token-file FILE        its token from a file
          --smtp HOST:PORT         where clients connect to it, where its settings do not say
          --junit FILE             a report for CI
          --markdown FILE          a report for people
          --json                   one line of JSON for each rehearsal on standard output; everything else goes to standard error

        A file
          rehearsal: Greylisting
          scale: 0.001
          faults:
            preset: greylist
          expect:
            - retried: { min: 00:05:00, max: 04:00:00 }
            - delivered

        Exit codes
          0    all that was expected is so
          1    refused, or not run: a file is wrong, there is no steady state, the proxy may not be rehearsed with
          2    something expected is not so, or a stop condition was met
          130  interrupted

        Examples
          Does my program come back after greylisting?
            smtpproxy rehearse docs/rehearsals/greylist.rehearsal.yaml --client './send-mail --server $REHEARSAL_SMTP'
          All of them, in CI
            smtpproxy rehearse docs/rehearsals/*.rehearsal.yaml --client ./send-mail --junit rehearsals.xml --markdown rehearsals.md
          Is what I wrote right?
            smtpproxy rehearse my.rehearsal.yaml --check

        docs/rehearsals.md has every member and every expectation, docs/rehearsals/ one file for each outage that mail teams meet.

        """;
}
