namespace SmtpProxy.Demo;

/// <summary>All kinds of traffic: much that is ordinary, and everything that an on-call engineer sees in a bad month.</summary>
internal static class Kinds
{
    /// <summary>The kinds. The order matters: the first sessions take one each.</summary>
    public static readonly Kind[] All =
    [
        new("a short message", Site.Inbound, 30, GoodMail.ShortAsync),
        new("a message with attachment", Site.Inbound, 8, GoodMail.AttachmentAsync),
        new("a large message", Site.Inbound, 1, GoodMail.LargeAsync),
        new("several messages in one session", Site.Inbound, 8, GoodMail.SeveralAsync),
        new("many recipients", Site.Inbound, 4, GoodMail.ManyRecipientsAsync),
        new("BDAT in one chunk", Site.Inbound, 4, GoodMail.ChunkedAsync),
        new("pipelined up to DATA", Site.Inbound, 10, RawMail.PipelinedAsync),
        new("BDAT in chunks, pipelined", Site.Inbound, 5, RawMail.ChunksAsync),
        new("LMTP, a reply for each recipient", Site.Mailstore, 4, RawMail.LmtpAsync),
        new("a client that types slowly", Site.Inbound, 2, RawMail.SlowlyAsync),
        new("NOOP, VRFY, RSET and the like", Site.Inbound, 2, RawMail.CuriousAsync),
        new("only a look: QUIT behind the greeting", Site.Inbound, 3, RawMail.LookAsync),
        new("AUTH", Site.Submission, 10, SecuredMail.AuthenticatedAsync),
        new("AUTH with a wrong password", Site.Submission, 2, SecuredMail.WrongPasswordAsync),
        new("STARTTLS", Site.Secure, 6, SecuredMail.StartTlsAsync),
        new("STARTTLS, and then no TLS", Site.Submission, 1, SecuredMail.NonsenseAsync),
        new("a program without TLS, to a relay with", Site.Programs, 4, GoodMail.ShortAsync),
        new("greylisted, tried again", Site.Partners, 4, RefusedMail.GreylistedAsync),
        new("too large for the relay", Site.Partners, 1, RefusedMail.TooLargeAsync),
        new("an unknown recipient", Site.Inbound, 4, RefusedMail.UnknownRecipientAsync),
        new("one recipient of several unknown", Site.Inbound, 4, RefusedMail.OneOfSeveralAsync),
        new("refused by a content filter", Site.Inbound, 2, RefusedMail.FilteredAsync),
        new("refused for now", Site.Inbound, 3, RefusedMail.DeferredAsync),
        new("a slow relay", Site.Inbound, 3, Troubles.SlowRelayAsync),
        new("a relay that never answers", Site.Inbound, 1, Troubles.SilentRelayAsync),
        new("a relay that dies", Site.Inbound, 1, Troubles.DyingRelayAsync),
        new("a relay that shuts down", Site.Inbound, 1, Troubles.ClosingRelayAsync),
        new("a relay that is away now and then", Site.Legacy, 4, GoodMail.ShortAsync),
        new("the client aborts", Site.Inbound, 2, Troubles.AbortAsync),
        new("the client leaves without QUIT", Site.Inbound, 2, Troubles.LeaveAsync),
        new("bare LFs", Site.Inbound, 2, Troubles.BareLineFeedsAsync),
    ];

    private static readonly int Sum = All.Sum(static k => k.Weight);

    /// <summary>The kind of a session: each once, then by weight.</summary>
    public static Kind Of(long number, Chance chance)
    {
        if (number < All.Length)
        {
            return All[number];
        }

        var left = chance.Number(0, Sum);
        return All.First(kind => (left -= kind.Weight) < 0);
    }
}
