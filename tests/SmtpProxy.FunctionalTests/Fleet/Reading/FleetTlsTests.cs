using System.Globalization;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet.Reading;

/// <summary>Members whose admin sides speak TLS: whom the asking proxy does not trust gets no token, and is named with the
/// remedy.</summary>
[Collection("Fleet")]
public sealed class FleetTlsTests : IDisposable
{
    private readonly TestCertificates _files = new();

    public void Dispose() => _files.Dispose();

    [SkippableFact]
    public async Task Members_WithTls_AreReadFromWhereTheirCertificateIsTrusted_AndElseNamed()
    {
        await using var fleet = await FleetRig.StartReadingAsync(0);
        var trusting = await fleet.AddAsync("asks", [.. fleet.Token(), $"--SmtpProxy:Fleet:AdminCa={_files.Ca}"]);
        var strict = await fleet.AddAsync("strict", [.. fleet.Token(), $"--SmtpProxy:Fleet:AdminCa={_files.OtherCa}"]);
        var system = await fleet.AddAsync("system", fleet.Token());
        foreach (var (name, certificate) in new[] { ("good", _files.Good()), ("other", _files.Untrusted()), ("wrong", _files.WrongHost()),
            ("old", _files.Expired()) })
        {
            var url = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{FreePort.Next()}");
            var proxy = await fleet.AddAsync(name, [.. fleet.Token(), $"--SmtpProxy:Fleet:AdminUrl={url}",
                $"--Kestrel:Endpoints:Secure:Url={url}", $"--Kestrel:Endpoints:Secure:Certificate:Path={certificate.Certificate}",
                $"--Kestrel:Endpoints:Secure:Certificate:KeyPath={certificate.Key}"]);
            await LiveProxy.TalkAsync(proxy, "EHLO app.test.example", "QUIT");
            await Eventually.Async(async () => (await fleet.GetAsync(proxy, "/api/v1/sessions")).GetProperty("sessions").GetArrayLength()
                == 1, "the session is not kept");
        }

        await fleet.JoinedAsync(7);
        Assert.Equal(["good"], await ReadsAsync(fleet, trusting, ["old", "other", "wrong"]));
        Assert.Equal(["other"], await ReadsAsync(fleet, strict, ["good", "old", "wrong"]));
        Assert.Empty(await ReadsAsync(fleet, system, ["good", "old", "other", "wrong"]));

        using var http = new HttpClient { BaseAddress = trusting.Admin };
        await using var events = await SentEvents.OpenAsync(http, "/api/v1/fleet/sessions/stream?node=good,other");
        Assert.Equal("hello", (await events.NextAsync()).Name);
        var said = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var n = 0; n < 2; n++)
        {
            var (name, data, _) = await events.NextAsync();
            said[name] = data;
        }

        Assert.Equal(["found", "lost"], said.Keys);
        Assert.Contains("\"node\":\"other\"", said["lost"], StringComparison.Ordinal);
        Assert.Contains("SmtpProxy:Fleet:AdminCa", said["lost"], StringComparison.Ordinal);
    }

    /// <summary>Whose sessions a proxy shows; of these it says that it trusts them not.</summary>
    private static async Task<IEnumerable<string>> ReadsAsync(FleetRig fleet, ProxyProcess proxy, string[] untrusted)
    {
        var page = await fleet.GetAsync(proxy, "/api/v1/fleet/sessions");
        Assert.Equal(untrusted, page.GetProperty("unanswered").EnumerateArray()
            .Where(static u => u.GetProperty("reason").GetString() == "unreachable"
                && u.GetProperty("detail").GetString()!.Contains("SmtpProxy:Fleet:AdminCa", StringComparison.Ordinal))
            .Select(static u => u.GetProperty("node").GetString()).Order(StringComparer.Ordinal));
        return page.GetProperty("sessions").EnumerateArray().Select(static s => s.GetProperty("node").GetString()!);
    }
}
