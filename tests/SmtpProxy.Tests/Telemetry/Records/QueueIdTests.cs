using System.Text;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Tests.Telemetry.Records;

public sealed class QueueIdTests
{
    [Theory]
    [InlineData("2.0.0 Ok: queued as 4F1XYZ12abc", "4F1XYZ12abc")]
    [InlineData("2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 0DEADBEEF", "0DEADBEEF")]
    [InlineData("2.0.0 Ok, id=01234-05, from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 3C9A1", "3C9A1")]
    [InlineData("OK id=1tEabc-000000001Xy-0AbC", "1tEabc-000000001Xy-0AbC")]
    [InlineData("2.0.0 4A1B2C3D012345 Message accepted for delivery", "4A1B2C3D012345")]
    [InlineData("2.0.0 9d3f5e0c Message accepted for delivery", "9d3f5e0c")]
    [InlineData("4A1B2C3D012345 Message accepted for delivery", "4A1B2C3D012345")]
    [InlineData(
        "2.6.0 <abc@example.org> [InternalId=4711, Hostname=EX01.example.org] 8123 bytes in 0.1, 78 KB/sec Queued mail for delivery",
        "4711")]
    [InlineData("2.0.0 Message queued with id 1a2b3c4d.", "1a2b3c4d")]
    [InlineData("ok 1732355201 qp 12345", "12345")]
    [InlineData("2.0.0 OK  1732355201 a1-20020a05600c0a0100b003.12 - gsmtp", "a1-20020a05600c0a0100b003.12")]
    [InlineData("Message Queued (6A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9.1)", "6A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9.1")]
    [InlineData("ok:  Message 4711 accepted", "4711")]
    [InlineData("Ok 0100019a1b2c3d4e-5f607182-93a4-b5c6-d7e8-f90a1b2c3d4e-000000",
        "0100019a1b2c3d4e-5f607182-93a4-b5c6-d7e8-f90a1b2c3d4e-000000")]
    [InlineData("Ok 0 messages waiting", "")]
    [InlineData("2.0.0 Ok", "")]
    [InlineData("", "")]
    [InlineData("queued as ", "")]
    [InlineData("2.0.0 Message accepted for delivery", "")]
    [InlineData(" Message accepted for delivery", "")]
    [InlineData(" - gsmtp", "")]
    public void Find_FinalReply_IsTheRelaysName(string text, string id) =>
        Assert.Equal(id, Encoding.ASCII.GetString(QueueId.Find(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Find_EndlessId_IsNone() =>
        Assert.True(QueueId.Find(Encoding.ASCII.GetBytes("queued as " + new string('x', 200))).IsEmpty);
}
