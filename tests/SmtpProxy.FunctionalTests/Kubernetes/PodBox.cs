using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Sessions;

namespace SmtpProxy.FunctionalTests.Kubernetes;

/// <summary>
/// A pod without a cluster: the script that gives a <see cref="Sandbox"/> the volumes of a pod as the kubelet lays them (links to a folder
/// behind the link <c>..data</c>, which is replaced as a whole), makes everything read-only, and starts the container of the proxy as its
/// own user without any capability, with the image's environment and the pod's.
/// </summary>
internal static partial class PodBox
{
    /// <summary>What the Secret <c>smtpproxy</c> holds.</summary>
    public const string Token = "0123456789abcdef0123456789abcdef";

    /// <summary>What lies in the file <c>password</c> of the Secret of the component <c>fleet</c>.</summary>
    public const string RedisPassword = "fedcba9876543210";

    /// <summary>The Secrets of docs/kubernetes.md.</summary>
    private static readonly Dictionary<string, Dictionary<string, string>> Secrets = new()
    {
        ["smtpproxy"] = new() { ["admin.json"] = $$$"""{ "SmtpProxy": { "Admin": { "BearerToken": "{{{Token}}}" } } }""" },
        ["smtpproxy-fleet"] = new()
        {
            ["key"] = "what the pods know and Redis does not\n",
            ["password"] = RedisPassword,
            ["token"] = "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        },
    };

    /// <summary>Functions for what comes after: <c>put VOLUME</c> (replaces a volume's files by those in <c>$BOX/next</c>),
    /// <c>start_proxy</c>, <c>get PATH</c> (its admin side, as the kubelet asks), and <c>until_said TEXT</c>.</summary>
    public static string Script(Manifests manifests)
    {
        var pod = manifests.Pods.Single();
        var container = pod.Named("containers", "smtpproxy");
        var script = new StringBuilder("""
            put() {
              local old=$(readlink "$BOX/$1/..data" || true) new=..$RANDOM$RANDOM
              mkdir -p "$BOX/$1/$new"; cp "$BOX"/next/* "$BOX/$1/$new"; chmod -R a+rX,u+w "$BOX/$1"
              for file in "$BOX/$1/$new"/*; do ln -sfn "..data/${file##*/}" "$BOX/$1/${file##*/}"; done
              ln -s "$new" "$BOX/$1/..data_tmp"; mv -T "$BOX/$1/..data_tmp" "$BOX/$1/..data"
              [ -z "$old" ] || rm -r "$BOX/$1/$old"
            }
            get() { curl -s --max-time 30 "$@"; }
            until_said() { until grep -q -- "$1" "$BOX/log"; do sleep 0.1; done; }

            """);
        foreach (var mount in container.List("volumeMounts"))
        {
            var name = mount.TextAt("name")!;
            Assert.Null(mount.TextAt("subPath"));
            script.AppendLine("rm -rf \"$BOX/next\"");
            foreach (var (file, text) in FilesOf(manifests, pod.Named("volumes", name)))
            {
                script.AppendLine(Sandbox.Write("/run/next", text))
                    .AppendLine($"mkdir -p \"$BOX/next\"; cp /run/next \"$BOX/next/{file}\"");
            }

            var path = mount.TextAt("mountPath");
            script.AppendLine($"put {name}; mkdir -p '{path}'; mount --bind \"$BOX/{name}\" '{path}'; mount -o remount,bind,ro '{path}'");
        }

        var security = container.GetProperty("securityContext");
        var variables = ImageVariables().Concat(container.List("env").Select(Variable)).Select(Quoted);
        var arguments = container.List("args").Select(static a => Quoted(a.GetString()!));
        var group = pod.TextAt("securityContext", "fsGroup");
        return script.Append($$"""
            start_proxy() {
              findmnt -rno TARGET | grep -v "^$BOX" | while read -r mount; do mount -o remount,bind,ro "$mount" 2> /dev/null || true; done
              ! touch /etc/touched /var/touched /tmp/touched 2> /dev/null
              cd '{{AppContext.BaseDirectory}}'
              env -i PATH="$PATH" {{string.Join(' ', variables)}} \
                setpriv --reuid={{security.TextAt("runAsUser")}} --regid={{security.TextAt("runAsGroup")}} \
                {{(group is null ? "--clear-groups" : $"--groups={group}")}} --no-new-privs --bounding-set=-all --inh-caps=-all \
                dotnet '{{typeof(SessionHost).Assembly.Location}}' {{string.Join(' ', arguments)}} > "$BOX/out" 2> "$BOX/log" & proxy=$!
              until get -f {{Admin}}{{container.TextAt("startupProbe", "httpGet", "path")}} > /dev/null; do
                kill -0 $proxy || { cat "$BOX/log"; exit 1; }
                sleep 0.1
              done
            }

            """).ToString();
    }

    /// <summary>Where the kubelet asks: the pod's own address.</summary>
    public const string Admin = $"http://{Address}:9025";

    private const string Address = "192.0.2.10";

    /// <summary>As the kubelet sets it: the one field that there is, and that field within other values.</summary>
    private static string Variable(JsonElement variable)
    {
        var name = variable.TextAt("name");
        if (variable.TextAt("valueFrom", "fieldRef", "fieldPath") is { } field)
        {
            Assert.Equal(("POD_IP", "status.podIP"), (name, field));
            return $"{name}={Address}";
        }

        return $"{name}={variable.TextAt("value")?.Replace("$(POD_IP)", Address, StringComparison.Ordinal)}";
    }

    private static IEnumerable<(string Name, string Text)> FilesOf(Manifests manifests, JsonElement volume) =>
        volume.TextAt("configMap", "name") is { } map
            ? manifests.One("ConfigMap", map).GetProperty("data").EnumerateObject().Select(static f => (f.Name, f.Value.GetString()!))
            : Secrets[volume.TextAt("secret", "secretName")!].Select(static f => (f.Key, f.Value));

    /// <summary>What the image says by itself.</summary>
    private static string[] ImageVariables() =>
        Variables().Match(File.ReadAllText(Path.Combine(SourceFolder.Root, "Dockerfile"))).Groups[1].Value
            .Replace("\\\n", " ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"^ENV ((?:.*\\\n)*.*)$", RegexOptions.Multiline)]
    private static partial Regex Variables();
}
