namespace SmtpProxy.Faults.Model;

/// <summary>What an action gets when it strikes.</summary>
/// <param name="Point">Where.</param>
/// <param name="Facts">What is known of the session.</param>
/// <param name="Draw">Numbers from 0 (included) to 1, the next of the rule's own chain at each call.</param>
public sealed record StrikeContext(FaultPoint Point, FaultFacts Facts, Func<double> Draw);
