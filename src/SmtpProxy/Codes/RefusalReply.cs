using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Codes;

/// <summary>A refusal: the reply that decided.</summary>
/// <param name="Operation">The operation that was refused.</param>
/// <param name="Code">400-599.</param>
/// <param name="Enhanced">Its enhanced code, if any.</param>
/// <param name="Text">Its text, all lines, bounded; looked at and never kept.</param>
public sealed record RefusalReply(Operation Operation, int Code, EnhancedCode Enhanced, string Text)
{
    /// <summary>The proxy answered in the relay's place.</summary>
    public bool IsOurs { get; init; }
}
