using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Sessions.Admitting;

/// <summary>Other proxies, which say what they are told to, at once.</summary>
internal sealed class FakeOthers : ICommonLimits
{
    /// <summary>How many sessions each client that left one still had here.</summary>
    public List<int> Gone { get; } = [];

    /// <summary>How many sessions here the others heard of, each time they were asked.</summary>
    public List<int> Asked { get; } = [];

    /// <summary>Each client's sessions here, as the others may read them at any time.</summary>
    public IReadOnlyDictionary<ClientNetwork, int>? Here { get; private set; }

    public bool AreHeard { get; set; }

    public int Members { get; set; } = 3;

    public CommonVerdict Verdict { get; set; }

    public Task<CommonVerdict> EnterAsync(ClientNetwork client, int here, SessionLimits limits)
    {
        Asked.Add(here);
        return Task.FromResult(Verdict);
    }

    public void Count(IReadOnlyDictionary<ClientNetwork, int> here, Lock telling) => Here = here;

    public void Left(ClientNetwork client, int here) => Gone.Add(here);
}
