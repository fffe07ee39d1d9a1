using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Tests.Architecture;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Replies;

/// <summary>Whatever the proxy says by itself is in the table of docs/transparency.md, and nothing else is said.</summary>
public sealed class LocalReplyTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Sessions", "transparency.md"));

    private static readonly string[] Said =
        [.. typeof(LocalReply).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(static field => Encoding.ASCII.GetString((byte[])field.GetValue(null)!).TrimEnd())];

    public static TheoryData<string> Replies() => [.. Said];

    [Theory]
    [MemberData(nameof(Replies))]
    public void Reply_OfTheProxy_IsInTheTable(string reply) =>
        Assert.Contains(Table(), row => row.Contains($"`{reply}`", StringComparison.Ordinal));

    [Fact]
    public void Reply_ThatNoRelayCanBeReached_IsInTheTable_WithEachCause()
    {
        var row = Assert.Single(Table(), static row => row.Contains("`421 4.3.2 Service not available: …`", StringComparison.Ordinal));
        Assert.All(
            Enum.GetValues<DialOutcome>().Where(static outcome => outcome != DialOutcome.Connected)
                .Select(static outcome => LocalReply.Cause(new DialResult(outcome, null, null, null))),
            cause => Assert.Contains(cause, row, StringComparison.Ordinal));
    }

    /// <summary>A cause is somebody else's words: it can neither end the line nor make it longer than a reply's may be (RFC 5321
    /// 4.5.3.1.5).</summary>
    [Theory]
    [InlineData("~ fine }|", "~ fine }|")]
    [InlineData("two\r\n250 lines\t\0\u007fü", "two??250 lines????")]
    public void Reply_ThatNoRelayCanBeReached_IsOneLineOfAscii(string cause, string shown) =>
        Assert.Equal($"421 4.3.2 Service not available: {shown}\r\n", Encoding.ASCII.GetString(LocalReply.RelayUnreachable(cause)));

    [Theory]
    [InlineData(475, 510)]
    [InlineData(476, 511)]
    [InlineData(477, 512)]
    [InlineData(478, 512)]
    [InlineData(4000, 512)]
    public void Reply_ThatNoRelayCanBeReached_HasAtMost512Octets(int cause, int octets)
    {
        var reply = Encoding.ASCII.GetString(LocalReply.RelayUnreachable(new string('x', cause)));
        Assert.Equal(octets, reply.Length);
        Assert.EndsWith("x\r\n", reply, StringComparison.Ordinal);
    }

    [Fact]
    public void Table_HasNoReply_ThatTheProxyDoesNotSay()
    {
        var shown = from row in Table()
                    from Match reply in Regex.Matches(row, "`([245][0-9][0-9] [^`]+)`")
                    select reply.Groups[1].Value;
        Assert.Empty(shown.Except([.. Said, "421 4.3.2 Service not available: …"]));
    }

    /// <summary>What a session says is in one place.</summary>
    [Fact]
    public void Reply_WrittenAnywhereElse_IsNoneOfASession() =>
        Assert.Empty(from file in SourceTree.Files
                     where file.Room is "Sessions" or "Listening" or "Upstreams" or "Transport"
                         && !file.Name.Contains("LocalReply", StringComparison.Ordinal)
                     from Match literal in Regex.Matches(file.Code, "\"[245][0-9][0-9][ -][^\"]*\"")
                     select $"{file.Name}: {literal.Value}");

    private static IEnumerable<string> Table() =>
        Page[Page.IndexOf("## What the proxy says by itself", StringComparison.Ordinal)..].Split('\n')
            .SkipWhile(static line => !line.StartsWith('|')).TakeWhile(static line => line.StartsWith('|'));
}
