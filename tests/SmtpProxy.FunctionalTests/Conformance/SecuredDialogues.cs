using System.Text.RegularExpressions;

namespace SmtpProxy.FunctionalTests.Conformance;

/// <summary>The recorded dialogues that can be held inside TLS, with the listeners that begin it.</summary>
public static partial class SecuredDialogues
{
    /// <summary>TLS from the first octet on.</summary>
    public const string Implicit = "implicit";

    /// <summary>TLS after the greeting.</summary>
    public const string StartTls = "starttls";

    /// <summary>Name, listener, and whether its payloads are sent whole.</summary>
    public static TheoryData<string, string, bool> All
    {
        get
        {
            var data = new TheoryData<string, string, bool>();
            foreach (var name in RecordedDialogues.Names)
            {
                foreach (var listener in (ReadOnlySpan<string>)[Implicit, StartTls])
                {
                    if (CanBeSecured(SecuredDialogue.EventsOf(name), listener == StartTls))
                    {
                        data.Add(name, listener, true);
                        data.Add(name, listener, false);
                    }
                }
            }

            return data;
        }
    }

    /// <summary>Whether it makes sense inside TLS. Not where the client itself says STARTTLS: that is the listener's to answer here, and
    /// inside TLS it is 503. Before STARTTLS the relay greets in the clear: that has to be one whole 2yz reply, with nothing after it and
    /// no word of the client before it.</summary>
    private static bool CanBeSecured(SecuredDialogue.Act[] events, bool isStartTls) =>
        !events.Any(static e => e.IsClients && AsksForTls().IsMatch(e.Text))
        && (!isStartTls || Greeting().IsMatch(string.Concat(events.TakeWhile(static e => !e.IsClients).Select(static e => e.Text))));

    [GeneratedRegex(@"(?i)(^|\n)STARTTLS")]
    private static partial Regex AsksForTls();

    [GeneratedRegex(@"^(2\d\d-[^\n]*\n)*2\d\d([ \r][^\n]*)?\n$")]
    private static partial Regex Greeting();
}
