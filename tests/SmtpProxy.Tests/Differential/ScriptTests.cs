using System.Globalization;
using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Differential;

/// <summary>Random dialogues whose record is known from how they were made, dealt to everything that a session can be held
/// in. So many of them, and of which seed, as <c>SMTPPROXY_DIALOGUES</c> and <c>SMTPPROXY_SEED</c> say.</summary>
public sealed partial class ScriptTests
{
    private const int MostKinds = 8;

    public static TheoryData<string> All => [.. Surroundings.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void Dialogue_HeldInAnything_PassesUnchangedAndIsTheExpectedRecord(string around)
    {
        var player = new SimulatedPlayer(Surroundings.Named(around));
        var kinds = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = Surroundings.Names.ToList();
        foreach (var number in Seeds.Dealt(names.IndexOf(around), names.Count, otherwise: 1_650))
        {
            if (kinds.Count == MostKinds)
            {
                break;
            }

            var script = Script.Of(Seeds.Seed, number);
            if (player.Play(script, number) is [var first, ..] differences && KindOf(first) is var kind && !kinds.ContainsKey(kind))
            {
                var smallest = Script.Smallest(script, s => player.Play(s, number).Any(d => KindOf(d) == kind));
                kinds[kind] = $"{string.Join('\n', player.Play(smallest, number))}\n{smallest}\n(of {string.Join("; ", differences)})";
            }
        }

        Assert.True(kinds.Count == 0, $"SMTPPROXY_SEED={Seeds.Seed}, {around}:\n{string.Join("\n\n", kinds.Values)}");
    }

    private static string KindOf(string difference) => Numbers().Replace(difference.Split(" of ")[0], "n");

    [GeneratedRegex(@"\d+|\[.*\]")]
    private static partial Regex Numbers();
}
