using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Support.Programs;

namespace SmtpProxy.FunctionalTests.Documentation;

/// <summary>
/// A machine for one snippet: own files under /etc, /usr, /opt, /run and /var (what is written there is gone afterwards), an own network in
/// which every port is free, names from its own /etc/hosts, and the command <c>smtpproxy</c>. So a page's snippet can run as it is printed.
/// </summary>
internal sealed class Sandbox : IDisposable
{
    private const string Setup = """
        layer() {
          mkdir -p "$BOX/$1/upper" "$BOX/$1/work"
          mount -t overlay overlay -o "lowerdir=/$1,upperdir=$BOX/$1/upper,workdir=$BOX/$1/work" "/$1"
        }
        mount -t tmpfs tmpfs "$BOX/tmp"
        BOX=$BOX/tmp
        for folder in etc usr opt var run; do layer $folder; done
        ip link set lo up
        for address in 192.0.2.10 192.0.2.25 198.51.100.10; do ip address add $address/32 dev lo; done
        for host in mx mx1 mx2 mail postfix.internal; do
          case $host in *.*) echo "192.0.2.25 $host" ;; *) echo "192.0.2.25 $host.example.org $host" ;; esac
        done >> /etc/hosts
        install -m 755 "$SHIM" /usr/bin/smtpproxy
        """;

    /// <summary>Whether there can be any here, found out once.</summary>
    private static readonly Lazy<Task<(int ExitCode, string Output)>> s_try = new(TryAsync);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smtpproxy-snippet-");

    private Sandbox()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "tmp"));
        File.WriteAllText(Path.Combine(_folder.FullName, "smtpproxy"), Shim());
    }

    /// <summary>Makes one; skips the test where that is not permitted.</summary>
    public static async Task<Sandbox> MakeAsync()
    {
        PeerTool.RequireRoot();
        PeerTool.Require("unshare");
        PeerTool.Require("ip");
        var (code, output) = await s_try.Value;
        Skip.If(code != 0, $"namespaces and overlays cannot be made here: {output}");
        return new Sandbox();
    }

    private static async Task<(int ExitCode, string Output)> TryAsync()
    {
        using var box = new Sandbox();
        return await box.RunAsync("true");
    }

    /// <summary>Runs a script of bash inside and returns its exit code and all that it printed. All that it started ends with it,
    /// or after a time where the test process was killed and nobody else would end it.</summary>
    public Task<(int ExitCode, string Output)> RunAsync(string script) =>
        Command.RunAsync(
            "timeout",
            ["--signal=KILL", "15m",
                "unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "env", $"BOX={_folder.FullName}",
                $"SHIM={Path.Combine(_folder.FullName, "smtpproxy")}", "bash", "-euo", "pipefail", "-c", $"{Setup}\ncd /var\n{script}"]);

    /// <summary>Runs a script inside and demands that it succeeds.</summary>
    public async Task<string> SucceedAsync(string script)
    {
        var (code, output) = await RunAsync(script);
        Assert.True(code == 0, $"ended with {code}:\n{script}\n--\n{output}");
        return output;
    }

    /// <summary>The script that writes a file, whatever its text.</summary>
    public static string Write(string path, string text) =>
        $"mkdir -p '{Path.GetDirectoryName(path)}'; base64 -d > '{path}' <<< " +
            $"'{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text))}'";

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>
    /// The command as it is installed. A proxy that would run until somebody stops it runs until it is ready, and is asked to stop then:
    /// that it starts with just this command line is what the snippet claims.
    /// </summary>
    private static string Shim() => $$"""
        #!/bin/bash
        export DOTNET_TieredPGO=0 DOTNET_EnableDiagnostics=0 DOTNET_EnableWriteXorExecute=0 DOTNET_TC_CallCountingDelayMs=FFFF
        program=(dotnet '{{ProgramStart.Assembly}}')
        case "${1:-run}" in
          run|-*) ;;
          *) exec "${program[@]}" "$@" ;;
        esac
        case " $* " in *' --help '*|*' --version '*) exec "${program[@]}" "$@" ;; esac
        out=$(mktemp)
        "${program[@]}" "$@" > "$out" & pid=$!
        tail -f --pid=$pid -n +1 "$out" 2> /dev/null | grep -q -m 1 '^listening ' || true
        grep -q '^listening ' "$out" && touch /run/smtpproxy.was-ready
        [ -n "${SMTPPROXY_KEEP:-}" ] && { cat "$out"; exit 0; }
        kill -TERM $pid; wait $pid
        """;
}
