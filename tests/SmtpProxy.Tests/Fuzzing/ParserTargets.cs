using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Sources;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Tests.Faults;
using SmtpProxy.Tests.Sink;
using SmtpProxy.Tls;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.Tests.Fuzzing;

/// <summary>What reads octets, or text, that others wrote.</summary>
internal static class ParserTargets
{
    private static readonly JsonSerializerOptions AsApi = new(JsonSerializerDefaults.Web) { Converters = { new ObjectsWithoutTwins() } };
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    public static void Command(byte[] input)
    {
        var line = CommandLine.Parse(input);
        FuzzTarget.Holds(line.VerbText.Length + line.Arguments.Length <= input.Length, "a line is longer than it is");
        _ = line.IsHttpRequest;
        FuzzTarget.Holds(CommandLine.Mechanism(line.Arguments).Length <= line.Arguments.Length, "a mechanism is longer than its line");
        _ = CommandLine.HasParameter(line.Arguments, "SMTPUTF8"u8);
    }

    public static void ReplyOf(byte[] input)
    {
        if (ReplyLine.TryParse(input, out var line))
        {
            FuzzTarget.Holds(line.Code <= 999 && line.Text.Length <= input.Length, "a reply line has what is not in it");
            _ = EnhancedCode.Read(line.Text).ToString();
        }

        var (whole, single) = (new ReplyCollector(), new ReplyCollector());
        var taken = whole.Take(input);
        var count = 0;
        for (; count < input.Length && single is { Code: null, IsHopeless: false }; count++)
        {
            if (single.Take(input.AsSpan(count, 1)) == 0)
            {
                break;
            }
        }

        FuzzTarget.Holds(taken <= input.Length && whole.Code == single.Code && whole.IsHopeless == single.IsHopeless,
            "octet by octet it is another reply");
        FuzzTarget.Holds(whole.Code is null || whole.Octets.AsSpan().SequenceEqual(single.Octets),
            "octet by octet a reply has other octets");
    }

    public static void ProxyHeaderOf(byte[] input)
    {
        var (whole, single) = (new ProxyHeaderReader(), new ProxyHeaderReader());
        var taken = whole.Take(input);
        var count = 0;
        while (count < input.Length && single.Take(input.AsSpan(count, 1)) == 1)
        {
            count++;
        }

        FuzzTarget.Holds(taken == count && whole.State == single.State, "octet by octet it is another header");
        FuzzTarget.Holds(whole.State != ProxyHeaderState.Complete || whole.Header.Equals(single.Header),
            "octet by octet it says another client");
        FuzzTarget.Holds(whole.Taken.SequenceEqual(input.AsSpan(0, taken)), "what was taken is not what was given");
    }

    public static void ClientHelloOf(byte[] input)
    {
        var whole = new ClientHelloReader().Read(input, out var hello);
        var (reader, state, other) = (new ClientHelloReader(), ClientHelloState.Incomplete, (ClientHello?)null);
        for (var n = 0; n < input.Length && state == ClientHelloState.Incomplete; n++)
        {
            state = reader.Read(input.AsSpan(n, 1), out other);
        }

        FuzzTarget.Holds(whole == state, $"whole {whole}, octet by octet {state}");
        FuzzTarget.Holds(hello?.ServerName == other?.ServerName, "octet by octet it is another name");
    }

    public static void Rule(byte[] input)
    {
        if (Json(input) is { } rule)
        {
            var read = RuleParser.Read("it", rule, RuleSource.File, FaultRig.Bold, Now, out var errors);
            FuzzTarget.Holds(read is not null || errors.Count > 0, "a rule is refused, and nobody says why");
        }
    }

    public static void Settings(byte[] input)
    {
        var settings = SettingsFile.Read("appsettings.json", input, out var problems);
        FuzzTarget.Holds(settings is not null && problems is not null, "there is no answer");
        if (problems!.Count > 0)
        {
            return;
        }

        SettingsReader.Read(settings!.ToDictionary(static s => s.Key, static s => s.Value, StringComparer.OrdinalIgnoreCase), out _);
    }

    public static void SinkOf(byte[] input)
    {
        var (whole, single) = (new SinkTalk(), new SinkTalk());
        var said = whole.Greet() + whole.Say(input);
        var heard = new StringBuilder(single.Greet());
        for (var n = 0; n < input.Length && single.Ending == SmtpProxy.Sink.AnswerEnding.None; n++)
        {
            heard.Append(single.Say(input.AsSpan(n, 1)));
        }

        whole.Release();
        single.Release();
        FuzzTarget.Holds(Comparable(said) == Comparable(heard.ToString()), $"whole it says '{said}', octet by octet '{heard}'");
    }

    /// <summary>Queue ids differ from message to message.</summary>
    private static string Comparable(string said) => string.Join('\n', SinkTalk.CodesOf(said));

    /// <summary>As the API reads it.</summary>
    private static JsonObject? Json(byte[] input)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonObject>(input, AsApi);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
