using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>Whether what the client sends may be a message that got no go-ahead: DATA was answered 2yz, and there are clients that send it
/// all the same. The relay reads its lines as commands; its words must not be recorded as verbs or paths.</summary>
/// <param name="IsExpected">It may come, or be under way.</param>
/// <param name="IsSeen">A line came that is no command: it is under way, and what looks like a command may be of it.</param>
internal readonly record struct StrayMessage(bool IsExpected, bool IsSeen)
{
    /// <summary>After a reply to a command, or to DATA. What begins anew, and is granted, is no line of a message.</summary>
    public StrayMessage After(Verb verb, in Reply reply) => !reply.IsPositive ? this
        : verb is Verb.Data ? new(IsExpected: true, IsSeen: false)
        : verb is Verb.Mail or Verb.Rset or Verb.Ehlo or Verb.Helo or Verb.Lhlo or Verb.Quit ? default : this;

    /// <summary>A command line was read.</summary>
    public StrayMessage With(Verb verb) => this with { IsSeen = IsSeen || (IsExpected && verb < Verb.Greeting) };
}
