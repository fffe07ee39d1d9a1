using System.Text.Json;
using SmtpProxy.Codes;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Telemetry.Privacy;

namespace SmtpProxy.Tests.Telemetry.Privacy;

public sealed class RefusalTextTests
{
    [Theory]
    [InlineData("5.1.1 <bob@example.net>: Recipient address rejected", "550 5.1.1 <(address)>: Recipient address rejected")]
    [InlineData("sorry, no mailbox for Bob.O'Neil+news@mx.example.net.", "550 sorry, no mailbox for (address)")]
    [InlineData("\"bob smith\"@example.net unknown, bob@[192.0.2.1] too", "550 (address) unknown, (address) too")]
    [InlineData("see https://x.example/why?rcpt=bob%40example.net&id=7", "550 see (address)")]
    [InlineData("bounce+bob=40example.net rfc822;bob+40example.net", "550 (address) (address)")]
    [InlineData("bob @ example.net is not here", "550 (address) is not here")]
    [InlineData("<example.net!bob> unknown. Go!", "550 <(address)> unknown. Go!")]
    [InlineData("<bob(b)@example.net> <bob;b@[192.0.2.1]> bob&#64;example.net", "550 <(address)> <(address)> (address)")]
    [InlineData("Client host [192.0.2.7] blocked using zen.spamhaus.org", "550 Client host [192.0.2.7] blocked using zen.spamhaus.org")]
    [InlineData("two\r\n\u001b[31mlines ", "550 two   [31mlines")]
    public void Text_Masked_HasNoAddress(string text, string expected) =>
        Assert.Equal(expected, RefusalText.Of(new RefusalReply(Operation.Rcpt, 550, default, text), RefusalTextPrivacy.Masked));

    [Theory]
    [InlineData(Operation.Auth, false)]
    [InlineData(Operation.Other, false)]
    [InlineData(Operation.Vrfy, false)]
    [InlineData(Operation.Mail, true)]
    public void Text_ThatMayRepeatASecret_IsNeverShown(Operation operation, bool isOurs) => Assert.Null(
        RefusalText.Of(new RefusalReply(operation, 535, default, "5.7.8 no such user: hunter2") { IsOurs = isOurs },
            RefusalTextPrivacy.Full));

    [Theory]
    [InlineData("none", null)]
    [InlineData("masked", "550 5.1.1 <(address)>: User unknown, ask postmaster")]
    [InlineData("full", "550 5.1.1 <b@example.net>: User unknown, ask postmaster")]
    public void Journal_HasTheText_AsFarAsTheLevelSays(string level, string? said)
    {
        using var talk = new Conversation(new PrivacyOptions { RefusalText = level });
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok")
            .Ask("RCPT TO:<b@example.net>", "550-5.1.1 <b@example.net>: User unknown,", "550 5.1.1 ask postmaster")
            .Ask("RSET", "250 ok").Ask("QUIT", "221 bye");

        var found = talk.Over().Line().GetProperty("diagnosis");

        Assert.Equal(said, found.TryGetProperty("said", out var text)
            ? text.GetString()?.Replace(", 5.1.1", ",", StringComparison.Ordinal) : null);
        Assert.Equal(JsonValueKind.Object, found.ValueKind);
    }

    [Fact]
    public void Level_ThatIsNone_IsRefusedWithItsKey() =>
        Assert.Contains(new PrivacyOptions { RefusalText = "some" }.Validate(),
            static p => p.Contains("SmtpProxy:Privacy:RefusalText: 'some' is not one of none, masked, full", StringComparison.Ordinal));
}
