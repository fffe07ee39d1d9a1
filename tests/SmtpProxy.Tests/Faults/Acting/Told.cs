using System.Globalization;
using System.Text;
using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults.Acting;

/// <summary>A strike as text, whole, so that a test sees what else there is in it.</summary>
internal static class Told
{
    /// <summary>All that is to happen, in order: what is held, what becomes of the command, and the steps of the reply.</summary>
    public static string By(Strike strike, string real = "250 Ok\r\n") => string.Join("; ", All(strike, real));

    private static IEnumerable<string> All(Strike strike, string real)
    {
        foreach (var (held, what) in ((TimeSpan, string)[])[(strike.BeforeDial, "dial"), (strike.BeforeForward, "forward"),
            (strike.BeforeReply, "reply")])
        {
            if (held != TimeSpan.Zero)
            {
                yield return $"hold {what} {Seconds(held)}";
            }
        }

        if (strike.DialFails is { } fails)
        {
            yield return $"dial {fails}";
        }

        if (strike.Withhold)
        {
            yield return "withhold";
        }

        if (strike.AbortRelay is { } abort)
        {
            yield return $"abort {abort}";
        }

        if (!strike.BehindCommand.IsEmpty)
        {
            yield return $"behind \"{Text(strike.BehindCommand)}\"";
        }

        if (strike.Throttle is { } throttle)
        {
            yield return $"throttle {throttle.BytesPerSecond}/{throttle.Burst}{(throttle.FromClient ? " client" : "")}"
                + (throttle.FromRelay ? " relay" : "");
        }

        if (strike.Certificate is { } certificate)
        {
            yield return $"certificate {certificate}";
        }

        if (strike.Capabilities is { } edits)
        {
            yield return $"hide {string.Join(',', edits.Hidden)} size {edits.MaxSize?.ToString(CultureInfo.InvariantCulture) ?? "-"}";
        }

        foreach (var step in strike.Reply?.Invoke(Encoding.Latin1.GetBytes(real)) ?? [])
        {
            yield return step switch
            {
                ReplyStep.Say say => $"say \"{Text(say.Octets)}\"",
                ReplyStep.Pause pause => $"pause {Seconds(pause.For)}",
                ReplyStep.Stall stall =>
                    $"stall {(stall.For is { } time ? Seconds(time) : "on")} {stall.Only?.ToString() ?? "Both"}"
                    + (stall.StopReading ? " unread" : ""),
                ReplyStep.End end => $"end {end.How} {end.Only?.ToString() ?? "Both"}",
                _ => throw new InvalidOperationException(step.ToString()),
            };
        }
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture) + " s";

    private static string Text(ReadOnlyMemory<byte> octets) =>
        Encoding.Latin1.GetString(octets.Span).Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
