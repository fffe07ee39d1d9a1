using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Rules;

/// <summary>Finds conditions that exclude each other, so that a rule could never strike. What depends on peers, or on the rest of the
/// configuration, is none.</summary>
internal static class RuleContradictions
{
    private const string Never = "the rule would never strike";

    /// <summary>Tells of each contradiction of a rule: the path of a member, and what would be right.</summary>
    public static void Judge(FaultRule rule, Action<string, string> wrong)
    {
        var (match, point) = (rule.Match, FaultNames.Of(rule.At));
        if (rule.Action.Needs is var (codes, where) && !match.Replies.Shares(codes))
        {
            wrong("match.upstreamReply",
                $"has no code in common with {where} ({codes}): {Never}; write a class or code that both have, or leave one of them out");
        }

        if (match.ExcludesEveryClient)
        {
            wrong("match.clientCidr", $"excludes with ! every network that it names: {Never}; take away one of them");
        }

        if (match.RecipientCount is { } recipients && rule.At == FaultPoint.Rcpt && recipients.Max < 1)
        {
            wrong("match.recipientCount", $"is 0, and at {point} the recipient at hand counts: {Never}; count from 1");
        }
        else if (match.RecipientCount is { } some && rule.At == FaultPoint.Rcpt && rule.Action.MostRecipients is { } most
            && some.Max <= most)
        {
            wrong("match.recipientCount",
                $"ends where {rule.Action.Name} begins to refuse, which is after {most} recipients: {Never}; leave it out, or give a " +
                    $"max above {most}");
        }

        if (match.Transactions is { } transactions)
        {
            if (transactions.Min > 0 && rule.At is FaultPoint.Connect or FaultPoint.Dial)
            {
                wrong("match.transactionsInSession",
                    $"is above 0, and at {point} there was no transaction yet: {Never}; strike at mail or later");
            }
            else if (transactions.Max < 1 && rule.At == FaultPoint.Mail)
            {
                wrong("match.transactionsInSession", $"is 0, and at {point} the transaction at hand counts: {Never}; count from 1");
            }
        }

        if (match.Elapsed is { } age && rule.At is FaultPoint.Idle or FaultPoint.Elapsed && age.Max < rule.AfterTime)
        {
            wrong("match.elapsed",
                $"ends at {age.Max}, before afterTime ({rule.AfterTime}) is over: {Never}; give a later max, or a shorter afterTime");
        }
    }
}
