using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;
using SmtpProxy.Files;
using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Stops;

namespace SmtpProxy.Rehearsals.Files;

/// <summary>Reads the file of a rehearsal, and says of everything that cannot work where it stands and what would be right.</summary>
internal static class RehearsalReader
{
    private static readonly string[] Known =
        [.. RehearsalFields.Plain.Select(static f => f.Name), "faults", "relays", .. RehearsalFields.Lists.Select(static l => l.Name)];

    /// <summary>What is in a file.</summary>
    /// <exception cref="DecoderFallbackException">It is not text in UTF-8.</exception>
    /// <inheritdoc cref="WholeFile.Text(string)" path="/exception"/>
    public static string TextOf(string file) =>
        WholeFile.Text(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="text">What is in it.</param>
    /// <param name="scale">What every time is multiplied by, in place of the file's own; null: the file's.</param>
    /// <param name="problems">What is wrong; empty: nothing.</param>
    /// <returns>The plan; null where something is wrong.</returns>
    public static RehearsalPlan? Read(string file, string text, double? scale, out IReadOnlyList<FileProblem> problems)
    {
        var yaml = YamlText.Read(text, out var unreadable);
        if (unreadable is not null || yaml.Root is not JsonObject root)
        {
            problems = [unreadable ?? new FileProblem("", 1, "is no rehearsal; it begins with a line such as rehearsal: Greylisting")];
            return null;
        }

        var errors = new List<RuleError>();
        var plan = Read(file, root, scale, errors);
        problems = [.. errors.Select(e => new FileProblem(e.Path, yaml.LineOf(e.Path), e.Text))];
        return problems.Count == 0 ? plan : null;
    }

    private static RehearsalPlan? Read(string file, JsonObject root, double? scale, List<RuleError> errors)
    {
        foreach (var name in root.Select(static m => m.Key).Where(static n => !Known.Contains(n, StringComparer.OrdinalIgnoreCase)))
        {
            errors.Add(new RuleError(name, $"is not known here; known are {string.Join(", ", Known)}"));
        }

        var plain = new JsonObject(root.Where(static m => RehearsalFields.Plain.Any(f => Is(f.Name, m.Key)))
            .Select(static m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        var values = FieldReader.Read(plain, RehearsalFields.Plain, "", errors);
        var (traffic, factor) = (values.Object("traffic"), scale ?? values.Number("scale") ?? 1);
        var plan = new RehearsalPlan
        {
            Name = values.Text("rehearsal") ?? "",
            File = file,
            About = values.Text("about"),
            GoodClient = values.Text("goodClient"),
            Sources = values.Texts("sources"),
            Seed = values.Integer("seed") ?? 1,
            Scale = factor,
            Longest = (values.Duration("for") ?? TimeSpan.FromMinutes(10)) * factor,
            HasTls = values.Flag("tls"),
            Run = traffic.Has("run") ? traffic.Texts("run") : null,
            Messages = (int)(traffic.Integer("messages") ?? 1),
            Queues = traffic.Flag("queues"),
            IsLive = traffic.Flag("live"),
            Listeners = traffic.Texts("listener"),
            Clients = Networks(traffic.Texts("clients"), errors),
            Rules = FaultsReader.Read(root, factor, errors),
            Relays = Relays(root, errors),
            Before = [.. Expectations(root, "before", factor, errors).Select(static e => e.What)],
            After = [.. Expectations(root, "after", factor, errors).Select(static e => e.What)],
            Stops = [.. Stops(root, factor, errors)],
        };
        var during = Expectations(root, "expect", factor, errors).ToList();
        if (during.Count == 0 && errors.Count == 0)
        {
            errors.Add(new RuleError("expect",
                $"is missing: without it there is no verdict; write one of " +
                    $"{string.Join(", ", ExpectationKinds.All.Select(static k => k.Name))}"));
        }

        PlanCheck.Add(plan, [.. plan.Before, .. plan.After, .. during.Select(static e => e.What)], errors);
        if (plan.IsLive && plan.Run is not null)
        {
            errors.Add(new RuleError("traffic.live", "goes without run: either a command sends mail, or what passes is judged"));
        }

        // Without a strike all else may hold, and nothing was rehearsed.
        return plan with
        {
            During = during.Any(static e => e.What is StruckExpectation)
                ? [.. during.Select(static e => e.What)] : [.. during.Select(static e => e.What), new StruckExpectation(1, long.MaxValue)],
        };
    }

    private static IEnumerable<(Expectation What, string Path)> Expectations(JsonObject root, string list, double factor,
        List<RuleError> errors)
    {
        foreach (var (kind, values, path) in Each(root, list, ExpectationKinds.All.Select(static k => (k.Name, k.Fields)), factor, errors))
        {
            var inner = new List<RuleError>();
            var made = ExpectationKinds.All[kind].Create(values, inner);
            errors.AddRange(inner.Select(e => new RuleError(FieldReader.Join(path, e.Path), e.Text)));
            yield return (made, path);
        }
    }

    private static IEnumerable<StopCondition> Stops(JsonObject root, double factor, List<RuleError> errors)
    {
        foreach (var (kind, values, path) in Each(root, "stop", StopKinds.All.Select(static k => (k.Name, k.Fields)), factor, errors))
        {
            var inner = new List<RuleError>();
            StopKinds.All[kind].Check?.Invoke(values, inner);
            errors.AddRange(inner.Select(e => new RuleError(FieldReader.Join(path, e.Path), e.Text)));
            yield return StopKinds.All[kind].Create(values);
        }
    }

    /// <summary>The items of a list, each an object with one member, or a name alone.</summary>
    private static IEnumerable<(int Kind, Values Values, string Path)> Each(JsonObject root, string list,
        IEnumerable<(string Name, IReadOnlyList<Field> Fields)> kinds, double factor, List<RuleError> errors)
    {
        var known = kinds.ToList();
        var node = root.FirstOrDefault(m => Is(list, m.Key)).Value;
        if (node is not (null or JsonArray))
        {
            errors.Add(new RuleError(list,
                $"is no list; write each of {string.Join(", ", known.Select(static k => k.Name))} after a hyphen"));
        }

        foreach (var (n, item) in (node as JsonArray ?? []).Index())
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{list}[{n}]");
            var (name, members) = item switch
            {
                JsonObject { Count: 1 } one => (one.First().Key, one.First().Value ?? new JsonObject()),
                JsonValue value when value.TryGetValue<string>(out var word) => (word, new JsonObject()),
                _ => (null, null),
            };
            var kind = known.FindIndex(k => Is(k.Name, name));
            if (name is null || kind < 0 || members is not JsonObject said)
            {
                errors.Add(new RuleError(name is null ? path : FieldReader.Join(path, name),
                    kind >= 0 ? "has a value that is no object; write its members below it"
                        : $"is none of {string.Join(", ", known.Select(static k => k.Name))}"));
                continue;
            }

            var inside = FieldReader.Join(path, known[kind].Name);
            var scaled = (JsonObject)said.DeepClone();
            Faults.Presets.PresetRun.Scale(scaled, factor);
            var before = errors.Count;
            var values = FieldReader.Read(scaled, known[kind].Fields, inside, errors);
            if (errors.Count == before)
            {
                yield return (kind, values, inside);
            }
        }
    }

    private static List<PlannedRelay> Relays(JsonObject root, List<RuleError> errors)
    {
        var relays = new List<PlannedRelay>();
        var node = root.FirstOrDefault(static m => Is("relays", m.Key)).Value;
        if (node is not (null or JsonObject))
        {
            errors.Add(new RuleError("relays", "is no object; write each relay's name, and its members below it"));
        }

        foreach (var (name, relay) in node as JsonObject ?? [])
        {
            var path = FieldReader.Join("relays", name);
            if (relay is not (null or JsonObject))
            {
                errors.Add(new RuleError(path, "has a value that is no object; write answers or away below it, or nothing"));
                continue;
            }

            var values = FieldReader.Read(relay as JsonObject ?? [], RehearsalFields.Relay, path, errors);
            var answers = values.Text("answers") ?? "";
            if (!Sink.SinkOptions.AreAnswers(answers))
            {
                errors.Add(new RuleError(FieldReader.Join(path, "answers"),
                    $"\"{answers}\" is not a list of answers, such as 421 or delay-1s-greeting+450-rcpt (docs/sink.md)"));
            }

            if (name.Length is 0 or > 64 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            {
                errors.Add(new RuleError(path, "is no name for a relay; write letters, digits, dots, hyphens and underscores, at most 64"));
            }

            relays.Add(new PlannedRelay(name, answers, values.Flag("away")));
        }

        return relays;
    }

    private static List<IPNetwork> Networks(IReadOnlyList<string> texts, List<RuleError> errors)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in texts)
        {
            if (IPAddress.TryParse(text, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else
            {
                errors.Add(new RuleError("traffic.clients", $"\"{text}\" is no address and no network such as 192.0.2.0/24"));
            }
        }

        return networks;
    }

    private static bool Is(string name, string? said) => name.Equals(said, StringComparison.OrdinalIgnoreCase);
}
