using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace SmtpProxy.Codes;

/// <summary>Puts what is known of a session into the words in capitals that a remedy has, so that its commands can be pasted. What is not
/// known stays as it is in the catalogue, where it tells a reader what to put there.</summary>
public static partial class Remedies
{
    /// <summary>Fills in where the relay is and what was met there.</summary>
    public static string Fill(string remedy, FailureFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return Word().Replace(remedy, word => word.Value switch
        {
            "-connect HOST:PORT" => facts.Relay is IPEndPoint ip ? $"-connect {ip}" : facts.Relay is { } file ? $"-unix {file}" : null,
            "HOST:PORT" => facts.Relay?.ToString(),
            "HOST PORT" => facts.Relay switch
            {
                IPEndPoint ip => string.Create(CultureInfo.InvariantCulture, $"{ip.Address} {ip.Port}"),
                { } file => $"-U {file}",
                null => null,
            },
            "RULE" => facts.Rule,
            "FINGERPRINT" => facts.Fingerprint,
            _ => null,
        } ?? word.Value);
    }

    /// <summary>Fills in the names of the configuration.</summary>
    public static string Fill(string remedy, SessionPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return Name().Replace(remedy, word => word.Value switch
        {
            "LISTENER" => place.Listener,
            "CLUSTER" => place.Cluster,
            _ => place.Destination ?? word.Value,
        });
    }

    [GeneratedRegex(@"(?:-connect )?\bHOST:PORT\b|\bHOST PORT\b|\bRULE\b|\bFINGERPRINT\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Word();

    [GeneratedRegex(@"\bLISTENER\b|\bCLUSTER\b|\bDESTINATION\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
