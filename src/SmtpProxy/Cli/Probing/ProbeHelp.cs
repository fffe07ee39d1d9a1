namespace SmtpProxy.Cli.Probing;

/// <summary>What <c>probe --help</c> teaches.</summary>
internal static class ProbeHelp
{
    public const string Text = """
        smtpproxy probe - go through a dialogue with any mail server, and see where the time goes

        Connects as a client would: DNS, connect, greeting, EHLO, STARTTLS where it is offered, EHLO again, MAIL, RCPT, and DATA up to the 354
        that asks for the message. Then it leaves. NO MESSAGE IS SENT: after 354 the only way out that sends nothing is to close the connection,
        and that is what it does, before the first octet; the server forgets the transaction (RFC 5321 4.1.1.10) and its log has a lost connection
        after DATA. With --no-data it stops before DATA and says RSET and QUIT. It never logs in.

        Usage
          smtpproxy probe smtp[s]://HOST[:PORT] [options]
          smtpproxy probe smtp[s]://HOST[:PORT] --score [options]

        Options
          --to ADDRESS             the recipient; Postmaster unless you say so, whom every server must take
          --from ADDRESS           the sender; <> unless you say so, which every server must take
          --name NAME              what to say in EHLO; this host's name, or its address in brackets
          --starttls               TLS must be offered and its certificate be a good one; otherwise that is the result
          --no-starttls            say everything in the clear. Without either: TLS where it is offered, whatever its certificate
          --ca FILE                believe the authorities in this PEM file, and no others
          --tls-name NAME          the name that the certificate must be for; HOST unless you say so
          --lmtp                   the server speaks LMTP: say LHLO
          --proxy-protocol v1|v2   send a PROXY header first, to a server that expects one
          --no-data                stop before DATA; say RSET and QUIT, so that the server's log has nothing unusual
          --timeout TIME           how long each step may take: 500ms, 5s, 1m; 30s unless you say so
          --count N                so many probes, one after another, and statistics; 0 goes on until Ctrl+C
          --interval TIME          from the end of one to the beginning of the next; 1s unless you say so
          --json                   one line of JSON for each probe, and one for the statistics
          --score                  a report card: does the server keep to what it offers, and to the standard? Each finding names its RFC and section.
                                   No message is sent there either, and what cannot be found out without one is "not tried". It makes mistakes on
                                   purpose, on a dozen connections: a server may block the address that does so, so ask from one that can bear it

        Exit codes
          0  354 came (with --no-data: the recipient was accepted; with --score: nothing is wrong)
          1  the command line is wrong
          2  something is wrong: no connection, no SMTP, TLS, a refusal for good (5yz), or a finding of --score
          3  it was put off: a refusal for now (4yz), such as greylisting. Ask again later
          With --count it is the worst of all.

        Examples
          Does it take mail for this mailbox, and who is slow?
            smtpproxy probe smtp://mx.example.org --to info@example.org
          Is TLS as it should be, chain and name and all?
            smtpproxy probe smtp://mx.example.org --starttls --no-data
            smtpproxy probe smtps://smtp.example.org
          How long does it take to 354, over a minute?
            smtpproxy probe smtp://127.0.0.1:2525 --count 60 --interval 1s
          For a script: warn where the certificate ends within ten days
            smtpproxy probe smtp://mx.example.org --no-data --json | jq -e '.tls.days_left >= 10'
          Can I trust this relay's EHLO?
            smtpproxy probe smtp://mx.example.org --score

        """;
}
