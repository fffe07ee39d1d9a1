using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Rules;

/// <summary>Refuses rules that cannot work, or that the process does not allow.</summary>
internal static class RuleJudge
{
    /// <summary>Judges a rule whose members could all be read.</summary>
    public static void Judge(FaultRule rule, Values values, FaultsOptions options, DateTimeOffset now, List<RuleError> errors)
    {
        void Wrong(string path, string text) => errors.Add(new RuleError(path, text));

        var point = FaultNames.Of(rule.At);
        if (!rule.Action.Points.Contains(rule.At))
        {
            Wrong("at",
                $"{rule.Action.Name} cannot strike at {point}; it can at {string.Join(", ", rule.Action.Points.Select(FaultNames.Of))}");
        }
        else if (rule.Action.Refuse(rule.At) is { } refused)
        {
            errors.Add(refused);
        }

        if (rule.At is FaultPoint.Idle or FaultPoint.Elapsed && rule.AfterTime <= TimeSpan.Zero)
        {
            Wrong("afterTime", $"is missing; {point} needs a time such as 00:02:00");
        }

        if (values.Has("afterTime") && rule.At is not (FaultPoint.Idle or FaultPoint.Elapsed))
        {
            Wrong("afterTime", $"goes with idle and elapsed only; to hold {point} use the action delay");
        }

        if (values.Has("afterBytes") && rule.At != FaultPoint.DataBody)
        {
            Wrong("afterBytes", "goes with dataBody only");
        }

        if (rule.Match.NeedsReply && (!FaultActionsWithReply(rule) || !FaultAction.Replies.Contains(rule.At)))
        {
            Wrong("match.upstreamReply",
                $"cannot be known before {rule.Action.Name} strikes at {point}: it does not forward what it would be the reply to");
        }

        if (rule.Match.NeedsEnvelope && rule.At <= FaultPoint.AuthStep)
        {
            Wrong("match", $"speaks of sender, recipients or size, which are not known at {point}; strike at mail, rcpt or later");
        }

        if (rule.Match.NeedsRecipient && rule.At == FaultPoint.Mail)
        {
            Wrong("match", "speaks of recipients, which are not known at mail; strike at rcpt or later");
        }

        if (rule.Match.NeedsName && rule.At is FaultPoint.Connect or FaultPoint.Dial or FaultPoint.Greeting)
        {
            Wrong("match", $"speaks of the client's name or its login, which are not known at {point}; strike at ehlo or later");
        }

        if (rule.Pulse is { } pulse && (pulse.On <= TimeSpan.Zero || pulse.Off <= TimeSpan.Zero))
        {
            Wrong("pulse", "on and off must be above 00:00:00");
        }

        if (rule.NotBefore > rule.NotAfter)
        {
            Wrong("notBefore", "is after the rule's end: it would never be armed");
        }

        RuleContradictions.Judge(rule, Wrong);
        JudgeTime(rule, options, Wrong);
        JudgeSafety(rule, options, Wrong);
        JudgeLife(rule, values, options, now, Wrong);
    }

    /// <summary>The action leaves the command alone, so that there is a reply of the relay.</summary>
    private static bool FaultActionsWithReply(FaultRule rule)
    {
        if (rule.Action.IsOnReply(rule.At))
        {
            return true;
        }

        return rule.Action.ChangesReplyOnly;
    }

    private static void JudgeTime(FaultRule rule, FaultsOptions options, Action<string, string> wrong)
    {
        if (rule.Action.LongestHold is not { } hold)
        {
            return;
        }

        if (hold > options.MaxDelay)
        {
            wrong("action", $"holds for up to {hold}, longer than SmtpProxy:Faults:MaxDelay ({options.MaxDelay}) allows");
        }
        else if (rule.Action.HoldsRelay && rule.Action.KeepsRelayAt(rule.At) && hold > options.UpstreamHoldLimit)
        {
            wrong("action",
                $"keeps the relay waiting for up to {hold}, longer than SmtpProxy:Faults:UpstreamHoldLimit " +
                    $"({options.UpstreamHoldLimit}) allows: "
                + "its own timers would end the session; hold the greeting with where: beforeDial, or raise the limit");
        }
    }

    private static void JudgeSafety(FaultRule rule, FaultsOptions options, Action<string, string> wrong)
    {
        if (rule.Effect == DeliveryEffect.DuplicateRisk && !options.AllowDuplicateRisk)
        {
            wrong("action",
                $"{rule.Action.Name} at {FaultNames.Of(rule.At)} can make a client send a message twice; set " +
                    $"SmtpProxy:Faults:AllowDuplicateRisk to true to allow that");
        }

        if (rule.Effect == DeliveryEffect.LossRisk && !options.AllowLossRisk)
        {
            wrong("action",
                $"{rule.Action.Name} loses messages that the client believes to be delivered; set SmtpProxy:Faults:AllowLossRisk to " +
                    $"true to allow that");
        }

        if (rule.Action.IsSecurityProbe && !options.AllowSecurityProbes)
        {
            wrong("action", $"{rule.Action.Name} attacks a peer's TLS; set SmtpProxy:Faults:AllowSecurityProbes to true to allow that");
        }

        Outside("match.listener", rule.Match.Listeners, options.Listeners, "SmtpProxy:Faults:Listeners", wrong);
        Outside("match.upstream", rule.Match.Upstreams, options.Upstreams, "SmtpProxy:Faults:Upstreams", wrong);
    }

    private static void Outside(string path, IReadOnlyList<string> names, IConfigurationSection? allowed, string key,
        Action<string, string> wrong)
    {
        var list = FaultsOptions.List(allowed);
        if (list.Count > 0 && names.FirstOrDefault(n => !list.Contains(n, StringComparer.OrdinalIgnoreCase)) is { } outside)
        {
            wrong(path, $"{key} does not allow \"{outside}\"; it allows {string.Join(", ", list)}");
        }
    }

    private static void JudgeLife(FaultRule rule, Values values, FaultsOptions options, DateTimeOffset now, Action<string, string> wrong)
    {
        if (rule.Source == RuleSource.File)
        {
            return;
        }

        if (!values.Has("ttl") && !values.Has("expiresAt"))
        {
            wrong("ttl",
                $"is missing: a rule made over HTTP must end by itself; write such as \"ttl\": \"00:10:00\", at most {options.MaxTtl}");
        }
        else if (rule.NotAfter - now > options.MaxTtl)
        {
            wrong(values.Has("ttl") ? "ttl" : "expiresAt", $"is longer than SmtpProxy:Faults:MaxTtl ({options.MaxTtl}) allows");
        }
        else if (rule.NotAfter <= now)
        {
            wrong(values.Has("ttl") ? "ttl" : "expiresAt", "is over already");
        }
    }
}
