using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>Whether what the client sends may be a message that got no go-ahead: DATA was refused, or answered 2yz, or a BDAT had no size
/// that can be read, and there are clients that send it all the same. The relay reads its lines as commands; its words must not be recorded
/// as verbs or paths.</summary>
/// <param name="IsExpected">It may come, or be under way.</param>
/// <param name="IsSeen">A line came that is no command: it is under way, and what looks like a command may be of it.</param>
/// <param name="IsRefused">DATA was refused. Most clients heed that: the first line behind it tells, which is a message's where it is a
/// field of a header (RFC 5322, section 2.2).</param>
internal readonly record struct StrayMessage(bool IsExpected, bool IsSeen, bool IsRefused = false)
{
    /// <summary>Whatever is no command is of it.</summary>
    public bool IsLikely => IsExpected && !IsRefused;

    /// <summary>After a reply to a command, or to DATA. What begins anew, and is granted, is no line of a message.</summary>
    public StrayMessage After(Verb verb, in Reply reply) => !reply.IsPositive
        ? verb is Verb.Data && !IsExpected ? new(IsExpected: true, IsSeen: false, IsRefused: true) : this
        : verb is Verb.Data ? new(IsExpected: true, IsSeen: false)
        : verb is Verb.Mail or Verb.Rset or Verb.Ehlo or Verb.Helo or Verb.Lhlo or Verb.Quit ? default : this;

    /// <summary>A command line was read.</summary>
    /// <param name="verb">How it begins.</param>
    /// <param name="line">All of it.</param>
    public StrayMessage With(Verb verb, ReadOnlySpan<byte> line)
    {
        var isCommand = verb >= Verb.Greeting;
        return !IsExpected ? this
            : !IsRefused ? this with { IsSeen = IsSeen || !isCommand }
            : isCommand || !IsField(line) ? default
            : new(IsExpected: true, IsSeen: true);
    }

    private static bool IsField(ReadOnlySpan<byte> line) => line.IndexOfAny(" \t:"u8) is var end and > 0 && line[end] == (byte)':';
}
