using System.Buffers;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Live;

/// <summary>Reads a record for what its client uses.</summary>
internal static class ClientReader
{
    private const int LongestHelo = 255;
    private const int LongestMechanism = 20;
    private static readonly SearchValues<byte> OfHosts =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]"u8);
    private static readonly SearchValues<byte> OfMechanisms =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>Notes it. Health checks and scans are clients, too.</summary>
    public static void Read(SessionRecord record, ClientTable clients)
    {
        if (clients.IsOn && record.Client is IPEndPoint client)
        {
            clients.See(client.Address.Unmapped(),
                record.Started.AddTicks(record.Shares.Total * TimeSpan.TicksPerSecond / System.Diagnostics.Stopwatch.Frequency), entry =>
                    Note(record, entry));
        }
    }

    private static void Note(SessionRecord record, ClientEntry client)
    {
        ClientEntry.Note(client.Listeners, record.Listener);
        var carries = NoteExchanges(record, client);
        foreach (ref readonly var transaction in CollectionsMarshal.AsSpan(record.Transactions))
        {
            client.Messages += transaction.Verdict is Verdict.Accepted or Verdict.Partial ? 1 : 0;
        }

        client.TlsOffered |= record.Tls != TlsState.None;
        for (var n = 0; n < record.Capabilities.Count && !client.TlsOffered; n++)
        {
            client.TlsOffered = record.Capabilities[n].SequenceEqual("STARTTLS"u8);
        }

        var isSecured = record.ClientTls is { Failure: null } || record.Hello is not null || record.Tls is TlsState.Implicit;
        client.TlsUsed |= isSecured;
        client.TlsOffered |= isSecured;
        if (VersionOf(record) is { } version)
        {
            ClientEntry.Note(client.Versions, version);
        }

        if (!record.IsOngoing)
        {
            // Of a session in parts the figures of the last are those of all.
            client.Sessions++;
            client.Octets += record.ClientOctets;
            client.ClearSessions += carries && !isSecured ? 1 : 0;
        }
    }

    /// <summary>Returns whether the session carries what should not be in the clear: mail, or AUTH.</summary>
    private static bool NoteExchanges(SessionRecord record, ClientEntry client)
    {
        var carries = false;
        foreach (ref readonly var exchange in record.Exchanges.Items)
        {
            client.Refused += exchange.Code >= 400 ? 1 : 0;
            carries |= exchange.Verb is Verb.Mail or Verb.Auth;
            if (exchange.Verb is Verb.Ehlo or Verb.Helo or Verb.Lhlo
                && record.Text[exchange.Text] is { Length: > 0 and <= LongestHelo } helo && !helo.ContainsAnyExcept(OfHosts))
            {
                client.Helo = Encoding.ASCII.GetString(helo);
            }
            else if (exchange.Verb == Verb.Auth)
            {
                NoteAuth(record, exchange, client);
            }
        }

        return carries;
    }

    private static void NoteAuth(SessionRecord record, in ExchangeEntry auth, ClientEntry client)
    {
        if (record.Text[auth.Text] is { Length: > 0 and <= LongestMechanism } mechanism && !mechanism.ContainsAnyExcept(OfMechanisms))
        {
            ClientEntry.Note(client.Mechanisms, Encoding.ASCII.GetString(mechanism).ToUpperInvariant());
        }

        // A handshake that came after it did not hide it.
        client.AuthInClear += record.ClientTls is { Failure: null } tls && (auth.Began < 0 || tls.From <= auth.Began) ? 0 : 1;
    }

    private static string? VersionOf(SessionRecord record)
    {
        if (record.ClientTls is { Failure: null, Version: not SslProtocols.None } note)
        {
            return (int)note.Version switch
            {
                // .NET calls these names obsolete, which is what they are looked for.
                0xC0 => "1.0",
                0x300 => "1.1",
                0xC00 => "1.2",
                0x3000 => "1.3",
                var other => other.ToString(CultureInfo.InvariantCulture),
            };
        }

        return record.Hello?.Versions.Where(static v => v.StartsWith("1.", StringComparison.Ordinal)).Max(StringComparer.Ordinal);
    }
}
