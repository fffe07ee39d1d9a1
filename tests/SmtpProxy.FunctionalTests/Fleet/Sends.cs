using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>Messages through the proxies of a fleet, in which nothing but the code to MAIL may be other than the relay said.</summary>
internal static class Sends
{
    /// <summary>Returns the code to MAIL.</summary>
    public static async Task<string> MailAsync(ProxyProcess proxy)
    {
        using var talk = new Talk(proxy);
        Assert.Equal("220 relay", await talk.GreetingAsync());
        Assert.Equal("250 ok", await talk.AskAsync("EHLO client.example"));
        var mail = await talk.AskAsync("MAIL FROM:<a@example.org>");
        Assert.Equal("221 bye", await talk.AskAsync("QUIT"));
        return mail[..3];
    }

    /// <summary>Returns the codes to MAIL at one proxy after the other.</summary>
    public static async Task<string> InTurnAsync(FleetRig fleet, int count)
    {
        var codes = new List<string>();
        for (var n = 0; n < count; n++)
        {
            codes.Add(await MailAsync(fleet.Proxies[n % fleet.Proxies.Count]));
        }

        return string.Join(' ', codes);
    }

    /// <summary>Returns how many of so many sessions, all at once, were struck.</summary>
    public static async Task<int> AtOnceAsync(FleetRig fleet, int count) => (await Task.WhenAll(
        Enumerable.Range(0, count).Select(n => MailAsync(fleet.Proxies[n % fleet.Proxies.Count]))))
        .Count(static code => code == "451");
}
