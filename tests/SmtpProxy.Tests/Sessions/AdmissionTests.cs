using System.Net;
using SmtpProxy.Sessions;

namespace SmtpProxy.Tests.Sessions;

public sealed class AdmissionTests
{
    private static readonly IPEndPoint Alice = new(IPAddress.Parse("192.0.2.1"), 1000);
    private static readonly IPEndPoint AliceAgain = new(IPAddress.Parse("192.0.2.1"), 1001);
    private static readonly IPEndPoint Bob = new(IPAddress.Parse("2001:db8::1"), 1000);

    [Fact]
    public void Enter_AboveAllSessions_NamesTheLimit()
    {
        var admission = new Admission();
        var limits = new SessionLimits { MaxSessions = 1 };

        Assert.Null(admission.Enter("in", Alice, limits));
        Assert.Equal("sessions", admission.Enter("in", Bob, limits));
        admission.Leave("in", Bob);
        admission.Leave("in", Alice);
        Assert.Null(admission.Enter("in", Bob, limits));
    }

    [Fact]
    public void Enter_AboveTheListeners_NamesTheLimitAndSparesOthers()
    {
        var admission = new Admission();
        var limits = new SessionLimits { MaxSessionsPerListener = 1 };

        Assert.Null(admission.Enter("in", Alice, limits));
        Assert.Equal("sessions_per_listener", admission.Enter("in", Bob, limits));
        Assert.Null(admission.Enter("other", Bob, limits));
    }

    [Fact]
    public void Enter_AboveTheClients_NamesTheLimitAndSparesOthers()
    {
        var admission = new Admission();
        var limits = new SessionLimits { MaxSessionsPerClient = 1 };

        Assert.Null(admission.Enter("in", Alice, limits));
        Assert.Equal("sessions_per_client", admission.Enter("in", AliceAgain, limits));
        Assert.Null(admission.Enter("in", Bob, limits));
        admission.Leave("in", AliceAgain);
        admission.Leave("in", Alice);
        Assert.Null(admission.Enter("in", AliceAgain, limits));
        Assert.Equal(2, admission.Count);
    }

    [Fact]
    public void Session_OneTooMany_IsAnswered421AndNotDialled()
    {
        var limits = new SessionLimits { MaxSessions = 1 };
        var bed = new SessionBed(limits);
        bed.Sim.Run();
        var second = bed.Another();
        second.Client.Awaits("421").Fin();

        second.RunToEnd();

        Assert.Equal("421 4.3.2 Too many sessions, please try again later\r\n", second.Client.Heard);
        Assert.Empty(second.Dials.Targets);
        Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(1, bed.Host.Count);
    }
}
