using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using MailKit.Net.Smtp;
using MimeKit;

namespace SmtpProxy.FunctionalTests.Faults;

public sealed class GreylistedMailTests : IDisposable
{
    private readonly Process _proxy = StartProxy();

    [Fact]
    public async Task Mail_RefusedForNow_PassesAtTheSecondTry()
    {
        using var admin = new HttpClient { BaseAddress = new Uri((await LineAsync("admin ")).Split(' ')[1]) };
        var smtp = IPEndPoint.Parse((await LineAsync("listening ")).Split(' ')[2]);
        using var rule = await admin.PutAsJsonAsync("/api/v1/faults/rules/later", new
        {
            ttl = "00:01:00",
            at = "rcpt",
            occurrence = new { first = 1 },
            action = new { type = "reply", code = 451, enhanced = "4.7.1", text = "Try later" },
        });
        rule.EnsureSuccessStatusCode();

        using var client = new SmtpClient();
        await client.ConnectAsync(smtp.Address.ToString(), smtp.Port);
        var mail = new MimeMessage([MailboxAddress.Parse("a@x.test")], [MailboxAddress.Parse("b@y.test")], "hello",
            new TextPart { Text = "hello" });
        await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(mail));
        await client.SendAsync(mail);

        var injection = Assert.Single((await admin.GetFromJsonAsync<JsonElement[]>("/api/v1/faults/injections?rule=later"))!);
        Assert.Equal(451, injection.GetProperty("clientCode").GetInt32());
    }

    public void Dispose()
    {
        _proxy.Kill();
        _proxy.Dispose();
    }

    private static Process StartProxy()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var sink = free.LocalEndpoint;
        free.Stop();
        return Process.Start(new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "SmtpProxy.dll"), "--listen", "127.0.0.1:0", "--admin", "http://127.0.0.1:0",
            $"--SmtpProxy:Sink:Address={sink}", $"--ReverseProxy:Clusters:relays:Destinations:sink:Address=smtp://{sink}",
            "--SmtpProxy:Faults:Enabled=true",
        ]) { Environment = { ["DOTNET_ENVIRONMENT"] = "Test" }, RedirectStandardOutput = true })!;
    }

    private async Task<string> LineAsync(string begin)
    {
        while (await _proxy.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(begin, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException("The proxy did not start; its standard error says why.");
    }
}
