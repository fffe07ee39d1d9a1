using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Lines;

namespace SmtpProxy.Protocol;

/// <summary>What a command line opens.</summary>
internal static class CommandReading
{
    /// <summary>Reports what is wrong with a line, and opens its exchange; false where it was the one that is too many.</summary>
    public static bool TryOpen(DialogueState talk, in LineStart start, in Line line, out Verb verb)
    {
        var command = CommandLine.Parse(line.Text);
        verb = command.Verb;
        start.Report(talk, line, command);
        if (talk.Queue.Count >= talk.Limits.Outstanding || !talk.Queue.HasRoom)
        {
            talk.BecomeOpaque(OpaqueReason.Limit, Leg.Client, start.At);
            return false;
        }

        var arguments = command.Arguments;
        var verbText = command.VerbText;
        // Of the first line the name of a field tells nothing.
        var isWithin = talk.StrayMessage.IsSeen;
        talk.StrayMessage = talk.StrayMessage.With(verb, line.Text);
        if (verb == Verb.Unknown && (start.MayBeSecret || isWithin))
        {
            verb = Verb.NotAVerb;
            verbText = arguments = default;
        }

        if (verb > Verb.EndOfData)
        {
            talk.Protocol = verb == Verb.Lhlo ? DialogueProtocol.Lmtp
                : talk.Protocol == DialogueProtocol.Unknown ? DialogueProtocol.Smtp : talk.Protocol;
        }

        var exchange = new Exchange { Verb = verb, Pipelined = start.Pipelined };
        switch (verb)
        {
            case Verb.Bdat when !ChunkSize.TryParse(arguments, out exchange.Size, out exchange.Last):
                talk.Report(Anomaly.BadBdat, Leg.Client, start.At);
                // The chunk comes all the same, and where it ends nobody knows.
                talk.StrayMessage = talk.StrayMessage with { IsExpected = true };
                break;
            case Verb.Burl:
                (exchange.Size, exchange.IsComplete) = (-1, true);
                exchange.Last = CommandLine.HasParameter(arguments, "LAST"u8);
                break;
            case Verb.Mail:
                var parameters = MailPath.Parse(arguments).Parameters;
                exchange.UsesUtf8 = CommandLine.HasParameter(parameters, "SMTPUTF8"u8);
                exchange.PerRecipient = CommandLine.HasParameter(parameters, "PRDR"u8);
                break;
            case Verb.Auth:
                arguments = CommandLine.Mechanism(arguments);
                break;
            case Verb.Quit:
                talk.QuitSent = true;
                break;
        }

        if (talk.StrayMessage.IsSeen)
        {
            talk.Withheld.Keep(talk.NextIndex, arguments);
            arguments = default;
        }

        talk.Open(exchange, verbText, arguments);
        return true;
    }
}
