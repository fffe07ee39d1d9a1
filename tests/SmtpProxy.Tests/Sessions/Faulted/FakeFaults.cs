using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>An engine whose rules are two functions, armed unless said otherwise.</summary>
internal sealed class FakeFaults : IFaultEngine, ISessionFaults
{
    private readonly HashSet<(FaultPoint, FaultFacts)> _asked = [];
    private Action? _decided;
    private bool _isAnswered;

    public event Action? Changed;

    /// <summary>Every question is answered later, as where a fleet counts.</summary>
    public bool MayAsk { get; init; }

    /// <summary>Questions at this point are answered when <see cref="Answer"/> is called.</summary>
    public FaultPoint? Late { get; init; }

    /// <summary>And at this one.</summary>
    public FaultPoint? AlsoLate { get; init; }

    /// <summary>Questions that were answered later.</summary>
    public int Answered { get; private set; }

    public Action? Decided { set => _decided = value; }

    /// <summary>Every injection that is over.</summary>
    public List<Injection> Injections { get; } = [];

    /// <summary>What strikes before the relay gets it.</summary>
    public Dictionary<FaultPoint, Func<FaultFacts, Action<Strike>?>> Commands { get; } = [];

    /// <summary>What strikes when its reply is there.</summary>
    public Dictionary<FaultPoint, Func<FaultFacts, Action<Strike>?>> Replies { get; } = [];

    public bool IsEnabled => true;

    public bool IsHalted { get; private set; }

    public bool IsArmed { get; set; } = true;

    public long? BodyOffset { get; init; }

    public TimeSpan? IdleAfter { get; init; }

    public TimeSpan? Age { get; init; }

    public (bool Faulted, bool Failed)? Ended { get; private set; }

    public int Opened { get; private set; }

    /// <summary>One rule that always strikes at this point.</summary>
    public FakeFaults At(FaultPoint point, Action<Strike> strike)
    {
        Commands[point] = _ => strike;
        return this;
    }

    /// <summary>One rule that strikes when the relay has answered.</summary>
    public FakeFaults Behind(FaultPoint point, Action<Strike> strike)
    {
        Replies[point] = _ => strike;
        return this;
    }

    public void Change() => Changed?.Invoke();

    /// <summary>What was asked is answered.</summary>
    public void Answer()
    {
        _isAnswered = true;
        _decided?.Invoke();
    }

    public void Halt()
    {
        IsHalted = true;
        Changed?.Invoke();
    }

    public ISessionFaults Open(FaultFacts facts)
    {
        Opened++;
        return this;
    }

    public Watch Watches(FaultPoint point) =>
        (Commands.ContainsKey(point) ? Watch.Command : Watch.None) | (Replies.ContainsKey(point) ? Watch.Reply : Watch.None);

    public bool AwaitsReply(FaultPoint point, FaultFacts facts) => Replies.ContainsKey(point);

    public long? NextBodyOffset(long after) => BodyOffset > after ? BodyOffset : null;

    public TimeSpan? NextIdle(TimeSpan after) => IdleAfter > after ? IdleAfter : null;

    public TimeSpan? NextElapsed(TimeSpan after) => Age > after ? Age : null;

    public Strike? OnCommand(FaultPoint point, FaultFacts facts) => Make(Commands, point, facts);

    public Strike? OnReply(FaultPoint point, FaultFacts facts) => Make(Replies, point, facts);

    public bool IsAsking(FaultPoint point, FaultFacts facts) => !IsHalted && _asked.Contains((point, facts));

    /// <summary>Whether something is being asked at this point.</summary>
    public bool IsAsking(FaultPoint point) => _asked.Any(asked => asked.Item1 == point);

    public void Forget(FaultPoint point, FaultFacts facts) => _asked.Remove((point, facts));

    public void SessionOver(bool faulted, bool failed) => Ended = (faulted, failed);

    public void Over() => Opened--;

    private Strike? Make(Dictionary<FaultPoint, Func<FaultFacts, Action<Strike>?>> rules, FaultPoint point, FaultFacts facts)
    {
        if (MayAsk && !IsHalted && (((point == Late || point == AlsoLate) && !_isAnswered) || !_asked.Remove((point, facts))))
        {
            _asked.Add((point, facts));
            if (point != Late && point != AlsoLate)
            {
                _decided?.Invoke();
            }

            return null;
        }

        Answered += MayAsk ? 1 : 0;
        if (IsHalted || !rules.TryGetValue(point, out var rule) || rule(facts) is not { } write)
        {
            return null;
        }

        var strike = new Strike();
        strike.Injections.Add(new Injection(Injections.Add)
        {
            Rule = $"rule-{point}",
            Action = "delay",
            Point = point,
            Effect = DeliveryEffect.None,
            Seed = 1,
            DecisionKey = "k",
            Session = facts.Session,
            Time = DateTimeOffset.UnixEpoch,
        });
        write(strike);
        return strike;
    }
}
