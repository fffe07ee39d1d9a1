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
