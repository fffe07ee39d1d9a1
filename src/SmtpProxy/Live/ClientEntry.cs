using System.Net;

namespace SmtpProxy.Live;

/// <summary>What is known of one client: what it uses, and how much. No name of a person and no address but its own.</summary>
internal sealed class ClientEntry(IPAddress address)
{
    public const int MostNames = 4;

    public IPAddress Address => address;

    /// <summary>What it called itself last; null: nothing that looks like a host's name.</summary>
    public string? Helo { get; set; }

    public DateTimeOffset FirstSeen { get; set; }
    public DateTimeOffset LastSeen { get; set; }
    public long Sessions { get; set; }

    /// <summary>Accepted messages.</summary>
    public long Messages { get; set; }

    /// <summary>Messages, and recipients and senders before any, that were refused: replies 4yz and 5yz.</summary>
    public long Refused { get; set; }

    /// <summary>Octets that it sent.</summary>
    public long Octets { get; set; }

    public List<string> Listeners { get; } = new(1);

    /// <summary>Whether it was ever offered TLS, and used it.</summary>
    public bool TlsOffered { get; set; }
    public bool TlsUsed { get; set; }

    /// <summary>Sessions with mail, or AUTH, in the clear.</summary>
    public long ClearSessions { get; set; }

    /// <summary>Versions of TLS that it agreed on with the proxy, or the best that it offered where TLS passes through.</summary>
    public List<string> Versions { get; } = new(1);

    /// <summary>Mechanisms of AUTH, and how often in the clear.</summary>
    public List<string> Mechanisms { get; } = new(0);
    public long AuthInClear { get; set; }

    /// <summary>Its neighbours by when they were seen last.</summary>
    public ClientEntry? Older { get; set; }
    public ClientEntry? Newer { get; set; }

    /// <summary>Adds a name that is not there yet; of many the first ones stay.</summary>
    public static void Note(List<string> names, string name)
    {
        if (names.Count < MostNames && !names.Contains(name))
        {
            names.Add(name);
        }
    }
}
