using System.Reflection;
using System.Text;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Sessions.Admitting;

public sealed class RefusalTests
{
    [Fact]
    public void Refusals_Each_NameTheLimitThatWasMet_AndWhatTheClientHears() =>
        Assert.Equal(
            [
                "Denied denied_network Refused 554 5.7.1 Access denied for your address",
                "Sessions sessions Refused 421 4.3.2 Too many sessions, please try again later",
                "SessionsPerListener sessions_per_listener Refused 421 4.3.2 Too many sessions, please try again later",
                "SessionsPerClient sessions_per_client Refused 421 4.7.0 Too many sessions from your address, please try again later",
                "ConnectionRate connection_rate Refused 421 4.7.0 Too many connections from your address, please try again later",
                "Handshakes handshakes Refused 454 4.7.0 TLS is not available: too many handshakes, please try again later",
                "HandshakesPerClient handshakes_per_client Refused"
                    + " 454 4.7.0 TLS is not available: too many handshakes, please try again later",
                "Stopping none Shutdown 421 4.3.2 Service is restarting, please try again",
            ],
            typeof(Refusal).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field =>
            {
                var refusal = (Refusal)field.GetValue(null)!;
                return $"{field.Name} {refusal.Limit ?? "none"} {refusal.Outcome} {Text(refusal.Reply)}";
            }));

    private static string Text(byte[] reply)
    {
        var text = Encoding.ASCII.GetString(reply);
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        return text.TrimEnd();
    }
}
