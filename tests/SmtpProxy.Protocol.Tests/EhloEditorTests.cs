using System.Text;
using SmtpProxy.Protocol.Hello;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>Replies to EHLO of which something is hidden, and to which something is added.</summary>
public sealed class EhloEditorTests
{
    private static readonly EhloRules Offering = new(["STARTTLS"u8.ToArray(), "REQUIRETLS"u8.ToArray()], "STARTTLS"u8.ToArray(),
        AddsOnlyIfOffered: false);
    private static readonly EhloRules Hiding = new(["STARTTLS"u8.ToArray(), "XCLIENT"u8.ToArray(), "XFORWARD"u8.ToArray()], [],
        AddsOnlyIfOffered: false);
    private static readonly EhloRules AsRelay = Offering with { AddsOnlyIfOffered = true };

    [Theory]
    [InlineData("250-mx\r\n250-SIZE\r\n250 STARTTLS\r\n", "250-mx\r\n250 SIZE\r\n")]
    [InlineData("250-mx\r\n250-XCLIENT NAME ADDR\r\n250-xforward name\r\n250 HELP\r\n", "250-mx\r\n250 HELP\r\n")]
    [InlineData("250-mx\r\n250 XCLIENT\r\n", "250 mx\r\n")]
    [InlineData("250-mx\n250-XCLIENT=NAME\n250 OK\n", "250-mx\n250 OK\n")]
    [InlineData("250-XCLIENT host\r\n250-XCLIENTS\r\n250\r\n", "250-XCLIENT host\r\n250-XCLIENTS\r\n250\r\n")]
    [InlineData("250-mx\r\n250-SIZE\r\n250\r\n", "250-mx\r\n250-SIZE\r\n250\r\n")]
    [InlineData("250-mx\r\nnonsense\r\n250 XCLIENT\r\n", "250-mx\r\nnonsense\r\n250 \r\n")]
    [InlineData("250-mx\r\n050 busy\r\n250-SIZE\r\n250 XCLIENT\r\n", "250-mx\r\n050 busy\r\n250 SIZE\r\n")]
    [InlineData("050-a\r\n050 b\r\n250-mx\r\n250 XCLIENT\r\n", "050-a\r\n050 b\r\n250 mx\r\n")]
    [InlineData("250-mx\r\n250-XCLIENT\r\n000 \r\n099\r\n251-STARTTLS\r\n250 SIZE\r\n", "250-mx\r\n000 \r\n099\r\n250 SIZE\r\n")]
    [InlineData("250-mx\r\n250\todd\r\n25\r\n\r\n2500 odd\r\n250-XCLIENT\r\n251 SIZE\r\n",
        "250-mx\r\n250\todd\r\n25\r\n\r\n2500 odd\r\n251 SIZE\r\n")]
    [InlineData("550-no\r\n550 XCLIENT is not for you\r\n", "550-no\r\n550 XCLIENT is not for you\r\n")]
    public void Keywords_ThatAreHidden_AreGone_AndTheRestIsAReply(string reply, string expected) => AssertEdited(Hiding, reply, expected);

    [Theory]
    [InlineData("250\r\n", "250-\r\n250 STARTTLS\r\n")]
    [InlineData("250 mx\r\n", "250-mx\r\n250 STARTTLS\r\n")]
    [InlineData("250-mx\r\n250\r\n", "250-mx\r\n250-\r\n250 STARTTLS\r\n")]
    [InlineData("250-mx\r\n250 \r\n", "250-mx\r\n250-\r\n250 STARTTLS\r\n")]
    [InlineData("250-mx\r\n250-STARTTLS\r\n250 REQUIRETLS\r\n", "250-mx\r\n250 STARTTLS\r\n")]
    [InlineData("050 a\r\n250 mx\r\n", "050 a\r\n250-mx\r\n250 STARTTLS\r\n")]
    [InlineData("250-mx\r\n050 busy\r\n250-STARTTLS\r\n250 SIZE\r\n", "250-mx\r\n050 busy\r\n250-SIZE\r\n250 STARTTLS\r\n")]
    [InlineData("250-mx\r\nodd\r\n250 SIZE\r\n", "250-mx\r\nodd\r\n250-SIZE\r\n250 STARTTLS\r\n")]
    [InlineData("502 no\r\n", "502 no\r\n")]
    [InlineData("421-busy\r\n421\r\n", "421-busy\r\n421\r\n")]
    public void StartTls_IsOfferedInTheLastLine_OfEveryGoodReply(string reply, string expected) => AssertEdited(Offering, reply, expected);

    [Theory]
    [InlineData("250-mx\r\n250 SIZE\r\n", "250-mx\r\n250 SIZE\r\n")]
    [InlineData("250-mx\r\n250-starttls\r\n250 SIZE\r\n", "250-mx\r\n250-SIZE\r\n250 STARTTLS\r\n")]
    public void StartTls_OfTheRelaysKind_IsOfferedWhereTheRelayDoes(string reply, string expected) =>
        AssertEdited(AsRelay, reply, expected);

    [Fact]
    public void Reply_OfAnyLength_HidesTheLastKeyword()
    {
        var many = string.Concat(Enumerable.Range(0, 5_000).Select(static n => $"250-X{n}\r\n"));
        AssertEdited(Hiding, $"250-mx\r\n{many}250 STARTTLS\r\n", $"250-mx\r\n{many[..^"250-X4999\r\n".Length]}250 X4999\r\n", cuts: 20);
        var line = $"250-{new string('y', 10_000)}\r\n";
        AssertEdited(Hiding, $"250-mx\r\n{line}250 XCLIENT {new string('z', 9_000)}\r\n", $"250-mx\r\n250 {line[4..]}", cuts: 20);
        AssertEdited(Offering, $"250-mx\r\n250 {line[4..]}", $"250-mx\r\n{line}250 STARTTLS\r\n", cuts: 20);
    }

    [Fact]
    public void Replies_OfAllKinds_CutAnywhere_StayOneReplyWithTheRightLines()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var rules = (seed % 3) switch { 0 => Offering, 1 => Hiding, _ => AsRelay } with { HoldsLine = seed % 2 == 0 };
            var code = random.Next(8) == 0 ? "550" : "250";
            var lines = new List<string>();
            for (var n = random.Next(1, 8); n > 0; n--)
            {
                lines.Add(new[] { "", " ", "STARTTLS", "starttls", "XCLIENT NAME", "XFORWARD", "REQUIRETLS", "SIZE 10", "PIPELINING",
                    "AUTH=LOGIN" }[random.Next(10)]);
            }

            var reply = new StringBuilder();
            var hasOther = false;
            for (var n = 0; n < lines.Count; n++)
            {
                var isLast = n == lines.Count - 1;
                reply.Append(code).Append(isLast ? lines[n].Length == 0 && random.Next(2) == 0 ? "" : " " : "-").Append(lines[n])
                    .Append(random.Next(4) switch { 0 => "\n", 1 => "\r\r\n", _ => "\r\n" });
                if (!isLast && random.Next(10) == 0)
                {
                    hasOther = true;
                    reply.Append(new[] { "odd line", "050 busy", "050-STARTTLS", "000", "25", "250\todd", "" }[random.Next(7)])
                        .Append("\r\n");
                }
            }

            var isGood = code == "250";
            var hidden = rules.Hides.Select(static k => Encoding.ASCII.GetString(k)).ToArray();
            bool Hides(string text) => isGood && hidden.Contains(text.Trim().Split(' ', '=')[0], StringComparer.OrdinalIgnoreCase);
            var expected = lines.Where((text, n) => n == 0 || !Hides(text)).Select(static text => text.Trim()).ToList();
            var offered = lines.Skip(1).Any(static text => text.Trim().Equals("STARTTLS", StringComparison.OrdinalIgnoreCase));
            if (isGood && rules.Adds.Length > 0 && (!rules.AddsOnlyIfOffered || offered))
            {
                expected.Add("STARTTLS");
            }
            else if (lines.Count > 1 && Hides(lines[^1]))
            {
                // Where nothing may be late, an empty line may end the reply in the place of one that is hidden.
                expected.Add("");
            }

            var edited = Edit(rules, Encoding.ASCII.GetBytes(reply.ToString()), random);

            // What a client reads: lines up to the first without a hyphen, and nothing after it.
            var read = new List<string>();
            var isOver = false;
            foreach (var line in edited.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.TrimEnd('\r')))
            {
                Assert.False(isOver, $"seed {seed}: octets after the reply\n{reply}\n{edited}");
                if (ReplyLine.TryParse(Encoding.ASCII.GetBytes(line), out var parsed) && !parsed.IsInformation)
                {
                    isOver = !parsed.Continues;
                    read.Add(Encoding.ASCII.GetString(parsed.Text).Trim());
                }
            }

            Assert.True(isOver, $"seed {seed}: no end\n{reply}\n{edited}");
            Assert.Equal(expected[0], read[0]);
            // A code that went ahead of a keyword that is hidden may leave an empty line.
            Assert.False(rules.HoldsLine && !hasOther && edited.Contains("250 \r\n", StringComparison.Ordinal)
                && !lines.Exists(static text => text.Trim().Length == 0), $"seed {seed}\n{reply}\n{edited}");
            expected.RemoveAll(static text => text.Length == 0);
            read.RemoveAll(static text => text.Length == 0);
            Assert.True(expected.SequenceEqual(read), $"seed {seed}\n{reply}\n{edited}");
        }
    }

    [Fact]
    public void Rules_ThatChangeNothingOfAReply_LetItPass()
    {
        Assert.True(Hiding.Passes("250-mx\r\n250 SIZE\r\n354 more"u8, out var length));
        Assert.Equal(18, length);
        Assert.False(Hiding.Passes("250-mx\r\n250-SIZE\r\n"u8, out _));
        Assert.False(Hiding.Passes("250-mx\r\n250 XCLIENT\r\n"u8, out _));
        Assert.False(Offering.Passes("250 mx\r\n"u8, out _));
        Assert.True(Offering.Passes("502 no\r\n"u8, out _));
    }

    /// <summary>What is edited ends where the dialogue has the reply end: otherwise the rest of it would pass as it is.</summary>
    [Fact]
    public void Reply_HoweverItsLinesLook_EndsWhereTheDialogueHasItEnd()
    {
        string[] codes = ["250", "251", "250", "220", "550", "050", "000", "099", "100", "199", "600", "999", "25", "2500", "", "x", "25x"];
        string[] separators = ["-", "-", "-", " ", "", "\t", "\r", "--", "- "];
        string[] texts = ["", "mx", "STARTTLS", "XCLIENT NAME", "SIZE 1", "050 x", "250 y", new string('z', 3_000)];
        for (var seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            var reply = new StringBuilder();
            for (var n = random.Next(1, 9); n > 0; n--)
            {
                reply.Append(codes[random.Next(codes.Length)]).Append(separators[random.Next(separators.Length)])
                    .Append(texts[random.Next(texts.Length)])
                    .Append(random.Next(4) switch { 0 => "\n", 1 => "\r\r\n", _ => "\r\n" });
            }

            var octets = Encoding.ASCII.GetBytes(reply.Append("250 end\r\n").ToString());
            var dialogue = new Dialogue(new Recorder(), DialogueLimits.Default);
            dialogue.Start();
            dialogue.FromRelay("220 mx\r\n"u8);
            dialogue.FromClient("EHLO c\r\n"u8);
            var expected = dialogue.FromRelay(octets, StopAt.Element);
            var rules = seed % 2 == 0 ? Hiding : Offering;
            if (rules.Passes(octets, out var passed))
            {
                Assert.Equal((seed, expected), (seed, passed));
            }

            var editor = new EhloEditor();
            editor.Begin(rules with { HoldsLine = seed % 3 == 0 });
            var taken = 0;
            while (editor.IsEditing && taken < octets.Length)
            {
                taken += editor.Take(octets.AsSpan(taken, random.Next(1, octets.Length - taken + 1)));
            }

            Assert.Equal((seed, expected), (seed, taken));
        }
    }

    /// <summary>What is no keyword to be hidden is not late (PROTOCOL 1.2).</summary>
    [Fact]
    public void Octets_OfOtherLines_PassAsTheyCome()
    {
        var editor = new EhloEditor();
        editor.Begin(Hiding);
        foreach (var octet in "250-mx\r\n250-HELP\r\nodd\r\n250-"u8.ToArray())
        {
            editor.Take([octet]);
            Assert.Equal([octet], editor.Edited.ToArray());
            editor.Forget();
        }

        editor.Take("XCLIENT"u8);
        Assert.Equal(0, editor.Edited.Length);
        editor.Take("S 1"u8);
        Assert.Equal("XCLIENTS 1", Encoding.ASCII.GetString(editor.Edited));
    }

    [Theory]
    [InlineData("250-mx\r\n250-SIZE 10\r\n250 HELP\r\n", "250-mx\r\n250-SIZE 5 of many\r\n250 HELP\r\n")]
    [InlineData("250-SIZE 10\r\n250-HELP\r\n250 SIZE\r\n", "250-SIZE 10\r\n250-HELP\r\n250 SIZE 5 of many\r\n")]
    [InlineData("250-mx\n250 SIZE\n", "250-mx\n250 SIZE 5 of many\n")]
    [InlineData("550-mx\r\n550 SIZE\r\n", "550-mx\r\n550 SIZE\r\n")]
    public void Text_ThatIsRewritten_StandsWhereTheOtherStood(string reply, string expected)
    {
        var rules = new EhloRules([], [], AddsOnlyIfOffered: false)
        {
            Rewrites = static text => EhloRules.IsOf(text, "SIZE"u8) ? "SIZE 5 of many"u8.ToArray() : null,
        };

        Assert.Equal(expected, Encoding.ASCII.GetString(EhloEditor.Edit(Encoding.ASCII.GetBytes(reply), rules)));
    }

    /// <summary>What ends before its time goes on as it is.</summary>
    [Theory]
    [InlineData("250-mx\r\n250-STARTTLS\r\n250-SI", "250-mx\r\n250-SI")]
    [InlineData("250-mx\r\n250-STARTTL", "250-mx\r\n250-STARTTL")]
    [InlineData("250-m", "250-m")]
    [InlineData("25", "25")]
    [InlineData("", "")]
    [InlineData("250 mx\r\n220 more\r\n", "250 mx\r\n220 more\r\n")]
    public void Reply_ThatIsNotWhole_GoesOnAsFarAsThereIsOne(string reply, string expected)
    {
        Assert.Equal(expected, Encoding.ASCII.GetString(EhloEditor.Edit(Encoding.ASCII.GetBytes(reply), Hiding)));
        Assert.Equal(expected, Encoding.ASCII.GetString(EhloEditor.Edit(Encoding.ASCII.GetBytes(reply), Hiding with { HoldsLine = true })));
    }

    [Fact]
    public void Line_ThatIsTakenOut_IsTold()
    {
        List<string> told = [];
        var editor = new EhloEditor(text => told.Add(Encoding.ASCII.GetString(text)));
        editor.Begin(Hiding);
        editor.Take("250-XCLIENT\r\n250-xclient NAME ADDR\r\n250-HELP\r\n250 STARTTLS\r\n"u8);

        Assert.Equal(["xclient NAME ADDR", "STARTTLS"], told);
        editor.Begin(Hiding);
        editor.Take("550-no\r\n550 STARTTLS\r\n"u8);
        Assert.Equal(2, told.Count);
    }

    [Theory]
    [InlineData("START", true)]
    [InlineData(" \tSTART", true)]
    [InlineData("starttls", true)]
    [InlineData("STARTTLS\r", true)]
    [InlineData("", true)]
    [InlineData("STARTTLSX", false)]
    [InlineData("STARTX", false)]
    [InlineData("SIZE", false)]
    public void MayChange_OfABeginning_IsWhetherAKeywordMayFollow(string text, bool may)
    {
        var rules = new EhloRules(["STARTTLS"u8.ToArray()], [], AddsOnlyIfOffered: false);

        Assert.Equal(may, rules.MayChange(Encoding.ASCII.GetBytes(text)));
        Assert.True((rules with { Rewrites = static _ => null }).MayChange(Encoding.ASCII.GetBytes(text)));
    }

    private static void AssertEdited(EhloRules rules, string reply, string expected, int cuts = int.MaxValue)
    {
        var octets = Encoding.ASCII.GetBytes(reply);
        Assert.Equal(expected, Edit(rules, octets, null));
        for (var n = 0; n < Math.Min(cuts, octets.Length); n++)
        {
            Assert.Equal(Texts(expected), Texts(Edit(rules, octets, new Random(n))));
        }

        for (var at = 1; at < Math.Min(cuts, octets.Length); at++)
        {
            foreach (var its in (EhloRules[])[rules, rules with { HoldsLine = true }])
            {
                var editor = new EhloEditor();
                editor.Begin(its);
                Assert.Equal(octets.Length, editor.Take(octets.AsSpan(0, at)) + editor.Take(octets.AsSpan(at)));
                Assert.False(editor.IsEditing);
                Assert.Equal(Texts(expected), Texts(Encoding.ASCII.GetString(editor.Edited)));
            }
        }
    }

    /// <summary>What is left where a code that went ahead may leave an empty line.</summary>
    private static string[] Texts(string reply) =>
        [.. reply.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 4).Select(static line => line[4..])];

    private static string Edit(EhloRules rules, byte[] reply, Random? random)
    {
        var editor = new EhloEditor();
        editor.Begin(rules);
        var edited = new StringBuilder();
        for (var at = 0; at < reply.Length;)
        {
            Assert.True(editor.IsEditing, $"over before its end: {Encoding.ASCII.GetString(reply)}");
            var length = random is null ? reply.Length : random.Next(1, Math.Min(reply.Length - at, 2_000) + 1);
            Assert.Equal(length, editor.Take(reply.AsSpan(at, length)));
            edited.Append(Encoding.ASCII.GetString(editor.Edited));
            editor.Forget();
            at += length;
        }

        Assert.False(editor.IsEditing);
        return edited.ToString();
    }
}
