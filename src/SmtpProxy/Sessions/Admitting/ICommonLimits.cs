namespace SmtpProxy.Sessions.Admitting;

/// <summary>The limits for each client that several proxies have in common. Thread-safe; nothing here waits but what returns a
/// task.</summary>
internal interface ICommonLimits
{
    /// <summary>The others are heard at this moment. While they are not, each proxy keeps to its share.</summary>
    bool AreHeard { get; }

    /// <summary>How many proxies share the limits, as last heard; at least 1.</summary>
    int Members { get; }

    /// <summary>Asks whether a client may have one session more.</summary>
    /// <param name="client">The client.</param>
    /// <param name="here">Its sessions at this proxy, with this one.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>Why it may not; null: it may. It never fails, and is there in a short time; where nobody could say, the share
    /// decides.</returns>
    Task<CommonVerdict> EnterAsync(ClientNetwork client, int here, SessionLimits limits);

    /// <summary>Says where each client's sessions at this proxy are counted, that the others can be told of all again.</summary>
    /// <param name="here">The counts; may be read on any thread.</param>
    /// <param name="telling">Held while a count is read and told: of two that are told at once the last one is the truth.</param>
    void Count(IReadOnlyDictionary<ClientNetwork, int> here, Lock telling);

    /// <summary>A client has so many sessions left at this proxy. Called with the lock held, as <see cref="EnterAsync"/> is.</summary>
    void Left(ClientNetwork client, int here);
}

/// <summary>What several proxies say to a session more.</summary>
internal enum CommonVerdict : byte
{
    /// <summary>It may begin.</summary>
    Admitted,

    /// <summary>The client has as many as it may have.</summary>
    Sessions,

    /// <summary>The client connects too often.</summary>
    Rate,

    /// <summary>Nobody could say.</summary>
    Unknown,
}

/// <summary>What a proxy may give of a limit by itself.</summary>
internal static class CommonShare
{
    /// <summary>A limit as it stands here: whole where the others are asked, a share of it, at least 1, where they are not heard.</summary>
    public static int Of(int limit, ICommonLimits? common) =>
        limit > 0 && common is { AreHeard: false } ? Alone(limit, common) : limit;

    /// <summary>The share.</summary>
    public static int Alone(int limit, ICommonLimits common) => limit > 0 ? Math.Max(1, limit / common.Members) : limit;
}
