using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Tests.Telemetry.Records;

public sealed class MailOpeningsTests
{
    private readonly MailOpenings _mails = new(new RecordShare(new RecordMemory()));

    [Fact]
    public void Take_OfOneMail_ForgetsThoseBefore()
    {
        _mails.Add(1, new Shares(1, 0, 0), 10);
        _mails.Add(4, new Shares(2, 0, 0), 10);
        _mails.Add(9, new Shares(3, 0, 0), 10);

        Assert.Equal(2, _mails.Take(4).Client);
        Assert.Equal(0, _mails.Take(1).Client);
        Assert.Equal(3, _mails.Take(9).Client);
    }

    [Fact]
    public void Add_BeyondTheBound_IsForgotten()
    {
        _mails.Add(1, new Shares(1, 0, 0), 1);
        _mails.Add(2, new Shares(2, 0, 0), 1);

        Assert.Equal(default, _mails.Take(2));
        Assert.Equal(1, _mails.Take(1).Client);
    }
}
