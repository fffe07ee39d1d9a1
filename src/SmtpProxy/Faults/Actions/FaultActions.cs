using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Actions;

/// <summary>Every action there is: to add one, write its file and name its description here.</summary>
public static class FaultActions
{
    /// <summary>All, in the order of the documentation.</summary>
    public static readonly IReadOnlyList<ActionDescription> All =
    [
        DelayAction.Description,
        TarpitAction.Description,
        StallAction.Description,
        ThrottleAction.Description,
        ReplyAction.Description,
        RewriteReplyAction.Description,
        CloseAction.Description,
        TruncateReplyAction.Description,
        MalformReplyAction.Description,
        ExtraReplyAction.Description,
        EditCapabilitiesAction.Description,
        StartTlsBreakAction.Description,
        DialFailAction.Description,
        LimitAction.Description,
        GreylistAction.Description,
        RejectMessageAction.Description,
        AckLossAction.Description,
        BlackholeAction.Description,
        StartTlsInjectAction.Description,
    ];
}
