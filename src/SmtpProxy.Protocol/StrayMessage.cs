using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>
/// Whether what the client sends may be a message that the relay reads as commands, or the rest of one: its words must not be recorded as
/// verbs or paths. There are clients that send it though DATA was refused, or was answered as if it needed none; that leave a dot alone on
/// its line, which ends it for everybody else; and that count a chunk wrongly.
/// </summary>
/// <param name="IsExpected">It may come, or be under way.</param>
/// <param name="IsSeen">A line came that is no command: it is under way, and what looks like a command may be of it.</param>
/// <param name="Since">Index of the exchange after which it may come.</param>
internal readonly record struct StrayMessage(bool IsExpected, bool IsSeen, int Since)
{
    /// <summary>It may come after this exchange.</summary>
    public static StrayMessage After(int index) => new(IsExpected: true, IsSeen: false, index);

    /// <summary>A chunk begins, with this exchange.</summary>
    public StrayMessage Chunk(int index) => IsSeen ? this : After(index);

    /// <summary>After a reply to a command, or to DATA that got no go-ahead. What begins anew, and is granted, is no line of a message,
    /// unless it was said before that.</summary>
    public StrayMessage Answered(in Exchange exchange, in Reply reply) =>
        exchange.Verb is Verb.Data ? reply.IsPositive || !IsSeen ? After(exchange.Index) : this
        : reply.IsPositive && exchange.Index > Since && BeginsAnew(exchange.Verb) ? default : this;

    /// <summary>A command line was read.</summary>
    public StrayMessage With(Verb verb) => this with { IsSeen = IsSeen || (IsExpected && verb < Verb.Greeting) };

    private static bool BeginsAnew(Verb verb) =>
        verb is Verb.Mail or Verb.Rset or Verb.Ehlo or Verb.Helo or Verb.Lhlo or Verb.Quit;
}
