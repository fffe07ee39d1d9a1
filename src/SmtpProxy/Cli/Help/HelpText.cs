namespace SmtpProxy.Cli.Help;

/// <summary>What <c>--help</c> teaches.</summary>
internal static class HelpText
{
    /// <summary>The program, and the command <c>run</c>.</summary>
    public const string Run = """
        smtpproxy - a transparent proxy for SMTP that knows the dialogue

        It forwards every octet unchanged between mail clients and a relay, and records who said what, how long each phase took,
        and who was slow: client, proxy or relay. Only XCLIENT and XFORWARD do not reach the relay, unless you allow them.

        Usage
          smtpproxy [run] [options]        run the proxy
          smtpproxy check [options]        validate the configuration and print what would run; --ask asks the relays too
          smtpproxy healthcheck            is the proxy on this machine ready? For containers and service managers
          smtpproxy probe smtp://HOST      go through a dialogue with any mail server up to 354, and see where the time goes; --score marks it
          smtpproxy demo [options]         the proxy with relays and lively traffic, to look at
          smtpproxy faults …               break mail on purpose, in a proxy that runs; see smtpproxy faults --help
          smtpproxy rehearse FILE...       break mail on purpose, and judge what your client does about it: a verdict, for CI
          smtpproxy watch [options]        the sessions of a proxy that runs, in the terminal
          smtpproxy relays …               the relays of a proxy that runs, and taking one out of service
          smtpproxy clients [options]      who uses a proxy that runs, and who would break if TLS 1.0 or plaintext were switched off
          smtpproxy code CODE...           what reply codes mean and what to do about them, side by side
          smtpproxy completion SHELL       completion for bash, zsh, fish or pwsh
          smtpproxy --help | --version

        Options
          --listen ADDR:PORT               where clients connect; repeat it for more. Replaces the configured listeners.
                                             --listen 0.0.0.0:25        --listen '*:25'        --listen [::1]:2525
          --relay smtp[s]://HOST[:PORT]    the relay to forward to; repeat it for more. Replaces the configured relays.
                                             --relay smtp://mx.example.org     --relay smtp://127.0.0.1:10025
          --proxy-protocol v1|v2           tell the relays who the client is, by a PROXY header. They must expect it
          --xclient                        the same by XCLIENT, for a Postfix on its ordinary port that trusts the proxy with it
          --faults                         faults can be armed, to break mail on purpose: smtpproxy faults --help. Where DOTNET_ENVIRONMENT
                                             names no environment this is Staging. Not for mail that matters
          --config FILE                    a file of settings, read after the appsettings files; repeat it for more, later ones win
                                             --config /etc/smtpproxy/smtpproxy.json
          --admin URL                      where metrics, health and the live page are served
                                             --admin http://127.0.0.1:9025
          --journal PATH|-                 one line of JSON for each session, into a file or to standard output
                                             --journal /var/log/smtpproxy/journal.jsonl
          --addresses none|domain|hash|full
                                           how much of mail addresses is recorded; none unless you say so
                                             --addresses domain
          --quiet                          no greeting and no line for each message. Both are for a terminal only
          --messages                       a line for each message also where standard output is no terminal; not beside --journal -
          --Section:Key=value              any setting of the configuration
                                             --SmtpProxy:Limits:Drain=00:01:00

        Recipes
          Try it, with nothing else installed: mail to 127.0.0.1:2525 is accepted by the embedded sink and discarded. The sink serves only
          where no relay is configured, and only clients of this machine.
            smtpproxy
          In front of a Postfix on the same machine. In its master.cf, these two lines in place of "smtp inet ... smtpd":
            127.0.0.1:10025 inet n - y - - smtpd
                -o smtpd_upstream_proxy_protocol=haproxy
          and then the proxy on port 25. Without the PROXY header Postfix would take all clients for this machine, and relay for the world:
            smtpproxy --listen 0.0.0.0:25 --relay smtp://127.0.0.1:10025 --proxy-protocol v2 --journal /var/log/smtpproxy/journal.jsonl
          For programs that know no TLS, to a provider that requires it:
            smtpproxy --listen 127.0.0.1:25 --relay smtps://smtp.provider.example
          Who is slow? Sessions as they end, with the time that client, relay and proxy took:
            smtpproxy --relay smtp://mx.example.org --journal - | jq -R 'fromjson? | {client, outcome, client_ms, relay_ms, proxy_ms}'

        Where the configuration comes from, later ones win, key by key
          1. appsettings.json beside the program         4. files that --config names
          2. appsettings.json in the working directory   5. environment variables: SmtpProxy__Limits__Drain=00:01:00
          3. appsettings.ENVIRONMENT.json in both        6. the command line
             (DOTNET_ENVIRONMENT)
          Files are read again when they change: relays, limits and privacy apply to new sessions, the rest at a restart.

        When it is ready, it prints a line for each listener on standard output: listening inbound 127.0.0.1:2525 -> relays
        Its log goes to standard error. SIGTERM or Ctrl+C lets transactions finish first; a second one exits at once.

        Exit codes
          0    it stopped as it was asked to
          1    the command line or the configuration is wrong, or an address could not be listened on; standard error says why
          130  a second signal ended it before transactions had finished

        """;

    /// <summary>The command <c>check</c>.</summary>
    public const string Check = """
        smtpproxy check - validate the configuration and print what would run

        Takes the same options as run, and runs nothing: prints listeners, relays, warnings, and each setting with the place where it was set.
        It opens no port. It sends nothing unless --ask is given. It warns of what can run and may not be meant: mail that is discarded, relays that may be
        open, faults in production, several relays without a health check, sessions without a limit or with more than there are open files.

        Usage
          smtpproxy check [--ask] [--json] [options]

        Options
          --json                           one object for scripts, secrets left out; of a configuration that is wrong: what is wrong with it
          --ask                            ask every relay: connect, take the greeting, say EHLO and QUIT, with TLS where the configuration has the
                                           proxy speak it. All are asked at once, for 10 seconds at most. Prints which of them serve, what they
                                           offer, and which trust this host: they offer it XCLIENT or XFORWARD, and are not told who their clients are
          --listen, --relay, --proxy-protocol, --xclient, --faults, --config, --admin, --journal, --addresses, --Section:Key=value
                                           as for run; see smtpproxy --help

        Examples
          What would run here?
            smtpproxy check
          What would somebody have to look at? For a script
            smtpproxy check --json | jq -r '.warnings[]'
          Before a restart: is the file right, and does every relay serve?
            smtpproxy check --config /etc/smtpproxy/smtpproxy.json --ask
          May this host say XCLIENT to this relay?
            smtpproxy check --relay smtp://mx.example.org --xclient --ask

        Exit codes
          0  all is well
          1  the configuration or the command line is wrong; standard error has each problem with its key and the remedy
          2  with --ask: the configuration is good, and a relay does not serve, trusts this host, or does not offer the XCLIENT that it must

        """;

    /// <summary>The command <c>demo</c>.</summary>
    public const string Demo = """
        smtpproxy demo - the proxy with relays and lively traffic, to look at

        Starts the proxy with seven listeners, nine relays of different character behind it (quick, slow, greylisting, wanting AUTH, offering
        STARTTLS, speaking LMTP, away now and then), and clients that send every kind of mail and mistake: small and large, pipelined, in
        chunks, refused, deferred, aborted. All of it in this process and on loopback; no mail leaves it.

        Usage
          smtpproxy demo [options]

        Options
          --rate N                         sessions that begin each second, on average; 20 unless you say so
          --duration TIME                  stop after 90s, 10m or 1h; without it at Ctrl+C
          --seed N                         another number gives other sessions; the same number the same ones. 1 unless you say so
          --port N                         the first of the listeners' ports, which follow each other; 2525 unless you say so, 0 for free ones
          --faults                         arm three faults that harm little, so that their metrics move too: recipients that take longer,
                                           submitters who are told to come back later, a 250 that is lost once in a while
          --config, --admin, --journal, --addresses, --Section:Key=value
                                           as for run; see smtpproxy --help

        Recipes
          Something to look at: open http://127.0.0.1:9025/ and http://127.0.0.1:9025/metrics
            smtpproxy demo
          Dashboards: have Prometheus scrape it (dashboards/), and after a minute every panel moves
            smtpproxy demo --rate 50
          What does a session that failed look like?
            smtpproxy demo --duration 20s --journal - | jq -R 'fromjson? | select(.outcome != "quit") | {listener, destination, outcome, anomalies}'
          Your own mail among it: 127.0.0.1:2525 is open to you too
            swaks --server 127.0.0.1:2525 --to 550@example.org

        Ctrl+C stops the clients, lets the open sessions end, and then the proxy; the exit code is 0.

        """;

    /// <summary>The command <c>code</c>.</summary>
    public const string Code = """
        smtpproxy code - what reply codes mean, when they appear, and what to do

        Usage
          smtpproxy code CODE... [--json]

        A CODE is a reply code, an enhanced status code, or a whole reply line in quotes. Several stand side by side.

        Examples
          smtpproxy code 354
          smtpproxy code 220 354
          smtpproxy code 5.7.1
          smtpproxy code "550 5.1.1 <x@example.org>: no such user"
          smtpproxy code 421 --json

        Exit codes: 0 the code was found, 1 it is no reply code.

        The same over HTTP: GET /api/v1/codes/354 and GET /api/v1/codes?line=550%205.1.1%20no

        """;
}
