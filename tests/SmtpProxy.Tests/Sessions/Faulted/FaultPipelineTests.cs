using System.Text;
using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>Commands of one pipeline, each struck in its own way or not at all, cut anywhere: both sides hear what the strikes say and
/// nothing else, in order, and each injection knows what came of it.</summary>
public sealed class FaultPipelineTests
{
    private static readonly FaultPoint[] Points = [FaultPoint.Mail, FaultPoint.Rcpt, FaultPoint.Noop, FaultPoint.Vrfy];

    private enum Kind
    {
        Spared,
        Refused,
        HeldBack,
        Late,
        Rewritten,
        Followed,
        Trickled,
    }

    public static TheoryData<int, bool> Seeds
    {
        get
        {
            var all = new TheoryData<int, bool>();
            for (var seed = 1; seed <= 30; seed++)
            {
                all.Add(seed, false);
                all.Add(seed, true);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Pipeline_StruckHereAndThere_IsHeardAsTheStrikesSay(int seed, bool asks)
    {
        var random = new Random(seed);
        var commands = Commands(random);
        var faults = new FakeFaults { MayAsk = asks };
        Command? Struck(FaultFacts facts) => commands.Find(c => c.Number == facts.Commands);
        foreach (var point in Points)
        {
            faults.Commands[point] = facts => Struck(facts) is { IsBefore: true } command ? command.Write : null;
            faults.Replies[point] = facts => Struck(facts) is { Kind: Kind.Rewritten } command ? command.Write : null;
        }

        var bed = new SessionBed(seed: seed, faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says(string.Concat(commands.Select(static c => c.Line)))
            .Awaits(commands[^1].Heard).Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply);
        foreach (var command in commands.Where(static c => c.Kind != Kind.Refused))
        {
            bed.Sim.Relay.Awaits(command.Line).Waits(TimeSpan.FromSeconds(random.Next(3))).Says(command.Reply);
        }

        bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.Greeting + Dialogues.EhloReply + string.Concat(commands.Select(static c => c.Heard)) + "221 bye\r\n",
            bed.Sim.Client.Heard);
        Assert.Equal(
            "EHLO c\r\n" + string.Concat(commands.Where(static c => c.Kind != Kind.Refused).Select(static c => c.Line)) + "QUIT\r\n",
            bed.Sim.Relay.Heard);
        Assert.Equal(commands.Where(static c => c.Kind != Kind.Spared).Select(static c => c.Expected),
            faults.Injections.Select(static i => (i.ClientCode, i.RelayCode, Whole(i.AddedDelay))));
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(faults.Injections.Count, bed.Record.GetProperty("faults").GetArrayLength());
    }

    /// <summary>Octets take some microseconds on the way.</summary>
    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds, 2));

    private static List<Command> Commands(Random random)
    {
        var commands = new List<Command> { Make("MAIL FROM:<a@b>") };
        for (var n = random.Next(3, 9); n > 0; n--)
        {
            commands.Add(Make(random.Next(4) switch { 0 => "NOOP", 1 => $"VRFY v{n}", _ => $"RCPT TO:<r{n}@d>" }));
        }

        // EHLO was the first.
        return [.. commands.Select(static (c, n) => c with { Number = n + 2 })];

        Command Make(string line) => new(line + "\r\n", (Kind)random.Next(7), TimeSpan.FromSeconds(random.Next(1, 6)));
    }

    private sealed record Command(string Line, Kind Kind, TimeSpan Time)
    {
        public int Number { get; init; }

        public bool IsBefore => Kind is not (Kind.Spared or Kind.Rewritten);

        public string Reply => $"250 reply {Number}\r\n";

        public string Heard => Kind switch
        {
            Kind.Refused => $"451 own {Number}\r\n",
            Kind.Rewritten => $"452 own {Number}\r\n",
            Kind.Followed => $"{Reply}250 more {Number}\r\n",
            Kind.Trickled => $"250-wait\r\n{Reply}",
            _ => Reply,
        };

        public (int?, int?, TimeSpan) Expected => Kind switch
        {
            Kind.Refused => (451, null, TimeSpan.Zero),
            Kind.Rewritten => (452, 250, TimeSpan.Zero),
            Kind.HeldBack or Kind.Late or Kind.Trickled => (250, 250, Time),
            _ => (250, 250, TimeSpan.Zero),
        };

        public void Write(Strike strike)
        {
            static ReplyStep.Say Say(string text) => new(Encoding.ASCII.GetBytes(text));

            switch (Kind)
            {
                case Kind.Refused:
                    strike.Withhold = true;
                    strike.Reply = _ => [Say(Heard)];
                    break;
                case Kind.HeldBack:
                    strike.BeforeForward = Time;
                    break;
                case Kind.Late:
                    strike.BeforeReply = Time;
                    break;
                case Kind.Rewritten:
                    strike.Reply = _ => [Say(Heard)];
                    break;
                case Kind.Followed:
                    strike.Reply = real => [new ReplyStep.Say(real), Say($"250 more {Number}\r\n")];
                    break;
                case Kind.Trickled:
                    strike.Reply = real => [Say("250-wait\r\n"), new ReplyStep.Pause(Time), new ReplyStep.Say(real)];
                    break;
            }
        }
    }
}
