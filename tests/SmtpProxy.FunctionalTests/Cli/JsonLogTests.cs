using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Cli;

/// <summary>Where the log is for programs, everything that the proxy prints is JSON, one object a line.</summary>
public sealed class JsonLogTests
{
    [Theory]
    [InlineData("json", "event_name", "body")]
    [InlineData("ECS", "event.action", "message")]
    public async Task Output_AllOfIt_IsJson(string form, string action, string text)
    {
        // Nothing listens on port 1: a session fails, which the log and the journal tell.
        await using var proxy = ProxyProcess.Begin("--listen", "127.0.0.1:0", "--relay", "smtp://127.0.0.1:1", "--admin",
            "http://127.0.0.1:0",
            "--journal", "-", $"--Logging:Console:FormatterName={form}");
        var open =
            JsonElement.Parse(Assert.Single(await proxy.Output.AwaitAsync(line => line.Contains("\"listening\"", StringComparison.Ordinal),
                1)));
        Assert.Equal("listening", open.GetProperty(action).GetString());
        var words = open.GetProperty(text).GetString()!.Split(' ');
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPEndPoint.Parse(words[2]));
            using var reader = new StreamReader(client.GetStream());
            Assert.StartsWith("421 ", await reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience), StringComparison.Ordinal);
        }

        await proxy.Output.AwaitAsync(static line => line.Contains("\"connect_failed\"", StringComparison.Ordinal), 1);
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());

        foreach (var line in proxy.Output.SoFar.Concat(proxy.Errors.SoFar))
        {
            Assert.Equal(JsonValueKind.Object, JsonElement.Parse(line).ValueKind);
        }

        Assert.Contains(proxy.Errors.SoFar, static line => line.Contains("\"Ready, on the ", StringComparison.Ordinal));
    }
}
