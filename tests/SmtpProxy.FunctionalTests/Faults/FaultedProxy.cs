using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Faults;

/// <summary>A proxy in which faults may be armed, the HTTP API that arms them, and a client's hand on the wire.</summary>
internal sealed class FaultedProxy : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly List<IDisposable> _clients = [];

    private FaultedProxy(ProxyProcess process)
    {
        Process = process;
        _http = new HttpClient { BaseAddress = new Uri(process.Admin, "/api/v1/faults/") };
    }

    public ProxyProcess Process { get; }

    public static async Task<FaultedProxy> StartAsync(params string[] args) => new(await ProxyProcess.StartAsync(
        static _ => { }, new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Test" }, ["--SmtpProxy:Faults:Enabled=true", .. args]));

    /// <summary>One request; single quotes in the body stand for double ones.</summary>
    public async Task<(int Status, JsonElement Body)> AskAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body.Replace('\'', '"'), Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    /// <summary>The injections so far, once there are so many.</summary>
    public async Task<JsonElement[]> InjectionsAsync(int count)
    {
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while (true)
        {
            var (_, body) = await AskAsync("GET", "injections");
            if (body.GetArrayLength() >= count)
            {
                return [.. body.EnumerateArray()];
            }

            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>A client that has heard the greeting and said EHLO.</summary>
    public async Task<Func<string, Task<string>>> ClientAsync()
    {
        var client = new TcpClient { NoDelay = true };
        _clients.Add(client);
        await client.ConnectAsync(Process.Listener());
        var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        await ReplyAsync(reader);
        var ask = async (string command) =>
        {
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(command + "\r\n"));
            return await ReplyAsync(reader);
        };
        await ask("EHLO client.example");
        return ask;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static c => c.Dispose());
        _http.Dispose();
        await Process.DisposeAsync();
    }

    /// <summary>The last line of a reply; "" when the connection has ended.</summary>
    private static async Task<string> ReplyAsync(StreamReader reader)
    {
        while (true)
        {
            var line = await reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience) ?? "";
            if (line.Length < 4 || line[3] != '-')
            {
                return line;
            }
        }
    }
}
