using System.Net;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.Inspection;
using SmtpProxy.Inspection.Card;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.FunctionalTests.Peers;

// What probe says of real servers.
public abstract partial class RelayTests<TServer>
{
    [SkippableFact]
    public async Task Probe_OfARealServer_ComesTo354_AndNothingIsDelivered()
    {
        Server.Require();
        var before = Server.Delivered.Count;
        var walk = await new Walk(OutgoingStream.ConnectAsync, Dns.GetHostAddressesAsync, TimeProvider.System)
            .RunAsync(Plan(), CancellationToken.None);
        Assert.True(walk.IsGood, walk.Finding?.Code);
        Assert.Equal(354, walk.Steps.Single(static s => s.Name == "data").Reply!.Code);
        Assert.Equal(Server.SpeaksTls, walk.Tls is { Problem: null, Version: "TLSv1.3", Chain.Count: 1 });
        Assert.Equal(before, Server.Delivered.Count);
    }

    /// <summary>Each was looked at by hand: what stands here is so, and nothing else is found.</summary>
    [SkippableFact]
    public async Task Score_OfARealServer_FindsWhatIsThere_AndNothingElse_AndNothingIsDelivered()
    {
        Server.Require();
        var before = Server.Delivered.Count;
        var card = await ReportCard.RunAsync(
            new Walk(OutgoingStream.ConnectAsync, Dns.GetHostAddressesAsync, TimeProvider.System),
            way => new Examination(OutgoingStream.ConnectAsync, way.Address!, Plan(), TimeProvider.System), Plan(), static _ => { },
            CancellationToken.None);
        Assert.Equal(
            Findings(Server).Order(), card.Entries.Where(static e => e.Mark is not (Mark.Good or Mark.NotOffered))
                .Select(static e => $"{e.Mark} {e.Name}").Order());
        Assert.Equal(before, Server.Delivered.Count);
    }

    private static string[] Findings(MailServer server) => server switch
    {
        // This host may relay there, so that a recipient that cannot exist is taken.
        Postfix => ["Look bare LF", "NotTried end of data"],
        // Its last words inside TLS are not inside TLS.
        Exim => ["Look bare LF", "Look limit of mistakes", "NotTried end of data", "Wrong postmaster"],
        _ => ["Look bare LF", "Look ehlo again", "Look size", "NotTried end of data", "NotTried limit of mistakes", "NotTried line of 512",
            "Wrong enhanced codes", "Wrong postmaster"],
    };

    private WalkPlan Plan()
    {
        _ = RelayAddress.TryRead($"smtp://localhost:{Server.Port}", out var address);
        return new WalkPlan(address!)
        {
            To = "a@test.example",
            StartTls = Server.SpeaksTls ? TlsWish.Required : TlsWish.Offered,
            Trust = RelayTrust.Authorities(Server.Ca),
        };
    }
}
