using System.Runtime.CompilerServices;
using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Faults;

/// <summary>What an injection that is over holds.</summary>
public sealed class InjectionTests
{
    [Fact]
    public void Done_ItIsPublishedOnce_AndHoldsNothingOfItsSession()
    {
        var (injection, session) = Over();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(session.IsAlive);
        injection.Done();
        Assert.Equal(1, injection.ClientCode);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Injection Injection, WeakReference Session) Over()
    {
        var session = new object();
        var injection = new Injection(over =>
        {
            // As the engine does, which needs the session for it.
            Assert.NotNull(session);
            over.ClientCode = (over.ClientCode ?? 0) + 1;
        })
        {
            Rule = "r", Action = "delay", Point = default, Effect = default, Seed = 1, DecisionKey = "k", Session = "s", Time = default,
        };
        injection.Done();
        injection.Done();
        return (injection, new WeakReference(session));
    }
}
