using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Kubernetes;

/// <summary>What a pod would start, started: with its files, its user, its environment and nothing that can be written.</summary>
public sealed class PodTests
{
    private const string Sink = "SMTPPROXY_KEEP=1 smtpproxy --listen 127.0.0.1:2727 --admin http://127.0.0.1:9099 " +
        "--SmtpProxy:Sink:Address=192.0.2.25:25 > /dev/null\n";

    private const string Swaks = "swaks --server 192.0.2.10:2525 --to you@example.org --silent\n";

    [SkippableFact]
    public async Task Production_AsAPod_IsProbedPassesMailReloadsItsConfigMapAndStops()
    {
        var said = await RunAsync("production", Sink, $$"""
            {{Swaks}}
            get {{PodBox.Admin}}/metrics | grep '^smtpproxy_session_limit'
            get -o /dev/null -w 'without the token %{http_code}\n' {{PodBox.Admin}}/api/v1/now
            get -o /dev/null -w 'with the token %{http_code}\n' -H 'Authorization: Bearer {{PodBox.Token}}' {{PodBox.Admin}}/api/v1/now
            rm "$BOX"/next/*
            sed 's/"StopDelay": "00:00:10"/"StopDelay": "00:00:00.2", "MaxSessions": 7/' /etc/smtpproxy/smtpproxy.json > "$BOX/next/smtpproxy.json"
            put config
            until_said 'SmtpProxy:Limits:MaxSessions applies to new sessions'
            get {{PodBox.Admin}}/metrics | grep '^smtpproxy_session_limit'
            kill -TERM $proxy; wait $proxy
            grep -c '"listener":"inbound"' "$BOX/out"
            grep -o 'About to stop: .* another 00:00:00.2' "$BOX/log" | head -1
            """);
        Assert.Matches(@"smtpproxy_session_limit\{.*\} \d{4,5}\b", said);
        Assert.Matches(@"smtpproxy_session_limit\{.*\} 7\b", said);
        Assert.Contains("without the token 401", said, StringComparison.Ordinal);
        Assert.Contains("with the token 200", said, StringComparison.Ordinal);
        Assert.Contains("\n1\nAbout to stop: ", said, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Staging_AsAPod_HasTheRulesOfItsConfigMapAndHaltsByAKeyOfIt()
    {
        var said = await RunAsync("staging", Sink, $$"""
            faults() { get -H 'Authorization: Bearer {{PodBox.Token}}' {{PodBox.Admin}}/api/v1/faults/status; }
            faults | grep -o '"busy"' | head -1
            rm "$BOX"/next/*; cp /etc/smtpproxy/*.json "$BOX/next"
            sed -i 's/"busy"/"overloaded"/' "$BOX/next/faults.json"; put config
            until faults | grep -q '"overloaded"'; do sleep 0.1; done
            echo because > "$BOX/next/halt"; put config
            until faults | grep -q '"halted":{'; do sleep 0.1; done
            {{Swaks}}
            kill -KILL $proxy
            """);
        Assert.Contains("\"busy\"", said, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Fleet_OfTheComponent_AsAPod_JoinsOverARealRedisAndIsHaltedByAnotherProxy()
    {
        PeerTool.Require("redis-server");
        var said = await RunAsync("staging", $$"""
            {{Sink}}
            echo '192.0.2.25 redis' >> /etc/hosts
            redis-server --bind 192.0.2.25 --save '' --appendonly no --dir "$BOX" --requirepass {{PodBox.RedisPassword}} > "$BOX/redis" &

            """, $$"""
            ask() { get -H 'Authorization: Bearer {{PodBox.Token}}' {{PodBox.Admin}}/api/v1/$1; }
            until ask fleet | grep -q '"state":"joined"'; do sleep 0.1; done
            ask fleet | grep -o '"node":"[^"]*"' | head -1
            hostname
            DOTNET_ENVIRONMENT=Staging SMTPPROXY_KEEP=1 smtpproxy --listen 127.0.0.1:2728 --relay smtp://192.0.2.25 \
              --admin http://127.0.0.1:9098 \
              --SmtpProxy:Fleet:Redis=redis:6379 --SmtpProxy:Fleet:KeyFile=/etc/smtpproxy-fleet/key --SmtpProxy:Fleet:Node=other \
              --SmtpProxy:Fleet:PasswordFile=/etc/smtpproxy-fleet/password --SmtpProxy:Fleet:TokenFile=/etc/smtpproxy-fleet/token \
              --SmtpProxy:Faults:Enabled=true > /dev/null
            until ask fleet | grep -q '"node":"other"'; do sleep 0.1; done
            until get "http://127.0.0.1:9098/api/v1/fleet/faults?node=$(hostname)" | grep -q '"unanswered":\[\]'; do sleep 0.1; done
            echo read by another
            curl -sf --json '{"reason":"enough"}' http://127.0.0.1:9098/api/v1/faults/halt > /dev/null
            until ask faults/status | grep -q '"by":"fleet"'; do sleep 0.1; done
            {{Swaks}}
            echo halted and passing
            kill -KILL $proxy
            """, await Manifests.WithComponentsAsync("overlays/staging", "fleet"));
        Assert.Matches("\"node\":\"([^\"]+)\"\n\\1\n", said);
        Assert.Contains("read by another", said, StringComparison.Ordinal);
        Assert.Contains("halted and passing", said, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Sidecar_BesideARealPostfix_TellsItWhoTheClientIs()
    {
        PeerTool.Require("postfix");
        var manifests = await Manifests.OfOverlayAsync("sidecar");
        var files = manifests.Documents.Single(static d =>
            d.TextAt("kind") == "ConfigMap" && d.TextAt("metadata", "name")!.StartsWith("postfix-", StringComparison.Ordinal))
                .GetProperty("data");
        var postfix = string.Join('\n', files.EnumerateObject()
            .Select(static f => Sandbox.Write($"/etc/postfix/{f.Name}", f.Value.GetString()!)));
        var said = await RunAsync("sidecar", $$"""
            {{postfix}}
            chmod 644 /etc/postfix/*.cf
            postfix start-fg > "$BOX/postfix.log" 2>&1 &
            until grep -q 'daemon started' "$BOX/postfix.log"; do sleep 0.1; done

            """, $$"""
            swaks --server 192.0.2.10:2525 --to you@example.org --hide-all
            ! swaks --server 192.0.2.10:2525 --to you@elsewhere.example --hide-all
            grep -E ': connect from|Relay access denied' "$BOX/postfix.log"
            kill -KILL $proxy
            """, manifests);
        Assert.Contains("connect from unknown[192.0.2.10]", said, StringComparison.Ordinal);
        Assert.Contains("Relay access denied", said, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string overlay, string relay, string script, Manifests? manifests = null)
    {
        foreach (var program in new[] { "swaks", "curl", "setpriv", "findmnt" })
        {
            PeerTool.Require(program);
        }

        manifests ??= await Manifests.OfOverlayAsync(overlay);
        using var box = await Sandbox.MakeAsync();
        return await box.SucceedAsync($"{relay}{PodBox.Script(manifests)}start_proxy\n{script}");
    }
}
