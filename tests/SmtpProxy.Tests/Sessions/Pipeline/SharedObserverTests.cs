using SmtpProxy.Protocol;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>What stands between the dialogue and its recorder.</summary>
public sealed class SharedObserverTests
{
    /// <summary>The contract has a body for each fact that nobody must listen to: one that is not passed on would
    /// be lost without a word.</summary>
    [Fact]
    public void Facts_Each_ArePassedOn() =>
        Assert.All(typeof(SharedObserver).GetInterfaceMap(typeof(IDialogueObserver)).TargetMethods,
            static method => Assert.Equal(typeof(SharedObserver), method.DeclaringType));
}
