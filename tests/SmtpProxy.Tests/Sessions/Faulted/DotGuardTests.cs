using System.Text;
using SmtpProxy.Sessions.Faulted;

namespace SmtpProxy.Tests.Sessions.Faulted;

public sealed class DotGuardTests
{
    /// <summary>What went and what is kept are all of it, and kept is what may be the beginning of the end, no more.</summary>
    [Fact]
    public void Body_HoweverItIsCut_GoesOn_ExceptForWhatMayBeItsEnd()
    {
        var guard = new DotGuard();
        var random = new Random(20_261_127);
        for (var n = 0; n < 20_000; n++)
        {
            guard.Begin();
            var (all, gone) = (new StringBuilder(), new StringBuilder());
            for (var piece = 0; piece < 6; piece++)
            {
                var text = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => ".\r\nx"[random.Next(4)]));
                if ($"\r\n{all}{text}".Contains("\r\n.\r\n", StringComparison.Ordinal))
                {
                    // The end is not shown.
                    continue;
                }

                var before = Encoding.ASCII.GetString(guard.Kept);
                var went = guard.Pass(Encoding.ASCII.GetBytes(text), out var free);
                all.Append(text);
                gone.Append(before[..went]).Append(text[..free]);

                var said = "\r\n" + all;
                var kept = said.EndsWith("\r\n.", StringComparison.Ordinal) ? "."
                    : said.EndsWith("\r\n.\r", StringComparison.Ordinal) ? ".\r" : "";
                Assert.Equal(kept, Encoding.ASCII.GetString(guard.Kept));
                Assert.Equal(all.ToString(), gone + kept);
            }
        }
    }
}
