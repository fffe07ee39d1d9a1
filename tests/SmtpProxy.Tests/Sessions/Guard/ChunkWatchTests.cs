using System.Globalization;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>How BDAT has to be written so that what is in its chunk is believed to be in it at the relay as well.</summary>
public sealed class ChunkWatchTests
{
    private const string Chunk = "x\r\nXCLIENT ADDR=203.0.113.1\r\n";

    [Theory]
    [InlineData("BDAT #\r\n", true)]
    [InlineData("BDAT # LAST\r\n", true)]
    [InlineData("bdat # last\r\n", true)]
    [InlineData("BDAT #9\r\n", true)]
    [InlineData("BDAT #9 LAST\r\n", true)]
    [InlineData("BDAT #10\r\n", false)]
    [InlineData("BDAT #10 LAST\r\n", false)]
    [InlineData("BDAT  #\r\n", false)]
    [InlineData("BDAT #  LAST\r\n", false)]
    [InlineData("BDAT # LAST \r\n", false)]
    [InlineData("BDAT # \r\n", false)]
    [InlineData("BDAT #\n", false)]
    [InlineData("BDAT # LAST\n", false)]
    [InlineData("BDAT\t#\r\n", false)]
    [InlineData(" BDAT #\r\n", false)]
    [InlineData("BDAT # LASTS\r\n", false)]
    public void Word_InAChunk_PassesOnlyWhereItsSizeIsPlainlyWritten(string line, bool passes)
    {
        line = line.Replace("#10", Chunk.Length.ToString("D10", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("#9", Chunk.Length.ToString("D9", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("#", Chunk.Length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        for (var seed = 0; seed < 20; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 CHUNKING\r\n").Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n")
                .Awaits("250 c\r\n").Says(line + Chunk);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 CHUNKING\r\n").Awaits("RCPT TO:<c@d>\r\n")
                .Says("250 a\r\n250 c\r\n");
            if (passes)
            {
                bed.Sim.Client.Awaits("250 chunk\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
                bed.Sim.Relay.Awaits(Chunk).Says("250 chunk\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            }
            else
            {
                bed.Sim.Client.Waits(TimeSpan.FromSeconds(2)).Fin();
            }

            bed.Sim.RunToEnd();
            if (passes)
            {
                Assert.EndsWith($"RCPT TO:<c@d>\r\n{line}{Chunk}QUIT\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
                Assert.Equal(0, bed.Limits("xclient_blocked"));
            }
            else
            {
                Assert.DoesNotContain("ADDR", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            }
        }
    }
}
