using System.Text;
using SmtpProxy.Sessions.Guard;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>What waits to be understood, and how much of it the relay has already.</summary>
public sealed class ClientWordsTests
{
    private readonly ClientWords _words = new();

    [Fact]
    public void Words_OfWhichNoneWait_AreNone()
    {
        Assert.Equal((0, 0, false, "|"), State());
        _words.ForgetUnsent();
        _words.Clear();
        _words.Release();
        Assert.Equal((0, 0, false, "|"), State());
    }

    [Fact]
    public void Words_ThatWait_StayInOrder_AndWhatHasGoneOnDoesNotGoAgain()
    {
        _words.Append("abc"u8);
        _words.Append("def"u8);
        Assert.Equal((6, 0, true, "|abcdef"), State());
        _words.Gone = 4;
        Assert.Equal((6, 4, true, "abcd|ef"), State());
        _words.Understood(3, gone: 1);
        Assert.Equal((3, 1, true, "d|ef"), State());
        _words.Gone = 3;
        Assert.Equal((3, 3, false, "def|"), State());
        _words.Understood(3, gone: 0);
        Assert.Equal((0, 0, false, "|"), State());
    }

    [Fact]
    public void Words_ThatWillNotGoOn_AreForgotten_AndThoseThatWentAreStillToBeUnderstood()
    {
        _words.Append("abcdef"u8);
        _words.Gone = 4;
        _words.ForgetUnsent();
        Assert.Equal((4, 4, false, "abcd|"), State());
        _words.ForgetUnsent();
        Assert.Equal((4, 4, false, "abcd|"), State());
    }

    [Fact]
    public void Gist_StandsForWhatHasGoneOn()
    {
        _words.Append("abcdef"u8);
        _words.Gone = 4;
        _words.ReplaceGone("xy"u8);
        Assert.Equal((4, 2, true, "xy|ef"), State());
        _words.Clear();
        Assert.Equal((0, 0, false, "|"), State());
    }

    private (int Length, int Gone, bool HasUnsent, string Octets) State() => (_words.Length, _words.Gone, _words.HasUnsent,
        Encoding.Latin1.GetString(_words.Octets[.._words.Gone]) + "|" + Encoding.Latin1.GetString(_words.Unsent));
}
