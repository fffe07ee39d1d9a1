namespace SmtpProxy.Faults.Model;

/// <summary>An action of a rule. It writes what is to happen into a <see cref="Strike"/> and never sees a socket.</summary>
public abstract class FaultAction
{
    /// <summary>Points at which a reply of the client's own command is given.</summary>
    public static readonly IReadOnlyList<FaultPoint> Commands =
    [
        FaultPoint.Ehlo, FaultPoint.Helo, FaultPoint.StartTls, FaultPoint.Auth, FaultPoint.AuthStep, FaultPoint.Mail, FaultPoint.Rcpt,
        FaultPoint.Data,
        FaultPoint.Rset, FaultPoint.Noop, FaultPoint.Vrfy, FaultPoint.Quit, FaultPoint.AnyCommand,
    ];

    /// <summary>Points at which there is a reply.</summary>
    public static readonly IReadOnlyList<FaultPoint> Replies = [FaultPoint.Greeting, .. Commands, FaultPoint.Bdat, FaultPoint.EndOfData];

    /// <summary>Every point, except the handshake of TLS.</summary>
    public static readonly IReadOnlyList<FaultPoint> Everywhere =
        [.. Enum.GetValues<FaultPoint>().Where(static p => p != FaultPoint.TlsHandshake)];

    /// <summary>Its name.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>Where it can strike.</summary>
    public IReadOnlyList<FaultPoint> Points { get; internal set; } = [];

    /// <summary>Delays and limits of speed add up; of all other actions the first one at a point stands.</summary>
    public virtual bool Stacks => false;

    /// <summary>It changes only what passes through a session that cannot be read.</summary>
    public virtual bool WorksOpaque => false;

    /// <summary>It needs TLS that ends at the proxy.</summary>
    public virtual bool NeedsTermination => false;

    /// <summary>It damages security on purpose: only with AllowSecurityProbes.</summary>
    public virtual bool IsSecurityProbe => false;

    /// <summary>The longest time that it may hold something at this point; null: none.</summary>
    public virtual TimeSpan? LongestHold => null;

    /// <summary>It keeps the relay waiting for the client while it holds (not before the dial).</summary>
    public virtual bool HoldsRelay => false;

    /// <summary>The command is forwarded, and only its reply is changed: the relay's reply may be asked for.</summary>
    public virtual bool ChangesReplyOnly => false;

    /// <summary>The command is forwarded, and the client is cut off, or kept, in the place of its reply: what it has pipelined behind that
    /// command waits, or a message could be at the relay of which the client never hears.</summary>
    public virtual bool CutsOff => false;

    /// <summary>Whether there is a relay at this point that would wait.</summary>
    public virtual bool KeepsRelayAt(FaultPoint point) => point is not (FaultPoint.Connect or FaultPoint.Dial);

    /// <summary>What it does to delivery at a point.</summary>
    public abstract DeliveryEffect EffectAt(FaultPoint point);

    /// <summary>It must know the relay's reply before it can say whether it strikes.</summary>
    public virtual bool IsOnReply(FaultPoint point) => false;

    /// <summary>Replies of the relay at which alone it strikes, and the member that says so; null: at any.</summary>
    internal virtual (ReplyCodes Codes, string Where)? Needs => null;

    /// <summary>At rcpt: it strikes only after so many recipients; null: at any.</summary>
    internal virtual long? MostRecipients => null;

    /// <summary>Whether its own state, or the relay's reply, wants it to strike now.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="now">The time.</param>
    /// <param name="peek">Only asked: nothing may change.</param>
    public virtual bool Wants(FaultFacts facts, DateTimeOffset now, bool peek) => true;

    /// <summary>What a fleet counts attempts at, in the place of <see cref="Wants"/>; null: nothing, each proxy decides by
    /// itself.</summary>
    internal virtual string? CommonKey(FaultFacts facts) => null;

    /// <summary>After this an attempt is a first one again.</summary>
    internal virtual TimeSpan CommonWindow => TimeSpan.Zero;

    /// <summary>Whether it wants to strike at an attempt that the fleet has counted.</summary>
    /// <param name="attempts">How many there were, this one included.</param>
    /// <param name="age">Time since the first.</param>
    internal virtual bool WantsCommon(long attempts, TimeSpan age) => true;

    /// <summary>What is wrong with it at this point, if anything is.</summary>
    public virtual RuleError? Refuse(FaultPoint point) => null;

    /// <summary>A session of a client is over.</summary>
    public virtual void SessionOver(FaultFacts facts)
    {
    }

    /// <summary>Forgets what it keeps.</summary>
    public virtual void Reset()
    {
    }

    /// <summary>Writes what is to happen.</summary>
    public abstract void Write(Strike strike, StrikeContext context);
}
