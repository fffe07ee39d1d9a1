using System.Globalization;
using SmtpProxy.FunctionalTests.Sink;
using SmtpProxy.FunctionalTests.Support;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Faults.Soak;

/// <summary>
/// Nothing is lost or duplicated by faults that do not say so: messages through ever-changing mixes of rules that need no flag of risk,
/// counted at the sender, at the proxy and in the relay. <c>SMTPPROXY_SOAK_MAILS</c> (1,000) and <c>SMTPPROXY_SOAK_SEED</c> (drawn, and
/// printed) make it longer, and the same again.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Connections = 50;
    private const int MailsOfAConnection = 5;

    [Theory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task Mails_ThroughRandomMixesOfFaults_AreInTheRelayOnceWhereAcceptedAndNeverTwice(string transport)
    {
        var mails = Number("SMTPPROXY_SOAK_MAILS", 1_000);
        var seed = Number("SMTPPROXY_SOAK_SEED", Random.Shared.Next());
        output.WriteLine($"{mails} mails, seed {seed}");
        await using var sink = await SinkRig.Start(transport, ("Keep", mails.ToString(CultureInfo.InvariantCulture)));
        await using var proxy = await FaultedProxy.StartAsync(
            "--relay", $"smtp://127.0.0.1:{sink.SmtpPort}", $"--SmtpProxy:Transport={transport}", $"--SmtpProxy:Faults:Seed={seed}");
        var before = Sockets(proxy.Process.Id);

        var sent = await SendAsync(proxy, mails, seed);

        Assert.Equal(mails, sent.Select(static mail => mail.Number).Distinct().Count());
        var arrived = sink.Mailbox.Messages().ToLookup(static message => message.From);
        Assert.All(sent, mail =>
        {
            var copies = arrived[mail.From].ToArray();
            switch (mail.Verdict)
            {
                case Verdict.Accepted:
                    var copy = Assert.Single(copies);
                    Assert.Equal(mail.Octets, copy.Octets);
                    Assert.Equal(mail.Recipients, copy.Recipients);
                    break;
                case Verdict.Unknown:
                    Assert.InRange(copies.Length, 0, 1);
                    break;
                default:
                    Assert.Empty(copies);
                    break;
            }
        });
        await AssertProxyAgreesAsync(proxy, sent, sink.Mailbox.MessageCount);
        Assert.InRange(Sockets(proxy.Process.Id), 0, before + 10);
    }

    [Fact]
    public async Task Rules_OfTheSoak_NeedNoFlag()
    {
        await using var proxy = await FaultedProxy.StartAsync();
        foreach (var (n, rule) in SoakRules.Each.Index())
        {
            var (status, problem) = await proxy.AskAsync("PUT", $"rules/r{n}", rule);
            Assert.True(status == 200, $"{rule}: {problem}");
        }
    }

    private async Task<List<SoakMail>> SendAsync(FaultedProxy proxy, int mails, int seed)
    {
        var random = new Random(seed);
        var armed = new Queue<string>();
        var sent = new List<SoakMail>();
        var batches = Enumerable.Range(0, mails).Chunk(MailsOfAConnection).Chunk(Connections).ToArray();
        foreach (var (round, batch) in batches.Index())
        {
            // The mix changes while mail flows; now and then everything is halted, and goes on.
            var changing = ChangeAsync(proxy, armed, random, round);
            var clients = batch.Select(numbers => SendAsync(proxy, numbers, seed)).ToArray();
            await changing;
            foreach (var client in clients)
            {
                sent.AddRange(await client);
            }
        }

        var counts = sent.CountBy(static mail => mail.Verdict).OrderBy(static v => v.Key);
        output.WriteLine(string.Join(", ", counts.Select(static v => $"{v.Value} {v.Key}")));
        return sent;
    }

    private static async Task<List<SoakMail>> SendAsync(FaultedProxy proxy, int[] numbers, int seed)
    {
        using var client = new SoakClient(proxy.Process.Listener(), new Random(seed ^ numbers[0]));
        return await client.SendAsync(numbers);
    }

    private static async Task ChangeAsync(FaultedProxy proxy, Queue<string> armed, Random random, int round)
    {
        for (var n = 0; n < 2 || armed.Count < SoakRules.AtOnce; n++)
        {
            var name = $"soak-{round}-{n}";
            var rule = SoakRules.Draw(random);
            var (status, problem) = await proxy.AskAsync("PUT", $"rules/{name}", rule);
            Assert.True(status == 200, $"{rule}: {problem}");
            armed.Enqueue(name);
        }

        while (armed.Count > SoakRules.AtOnce)
        {
            await proxy.AskAsync("DELETE", $"rules/{armed.Dequeue()}");
        }

        if (round % 5 == 4)
        {
            Assert.Equal(200, (await proxy.AskAsync("POST", "halt", "{'reason':'soak'}")).Status);
            Assert.Equal(200, (await proxy.AskAsync("POST", "resume")).Status);
        }
    }

    private static async Task AssertProxyAgreesAsync(FaultedProxy proxy, List<SoakMail> sent, long inRelay)
    {
        var accepted = sent.Count(static mail => mail.Verdict == Verdict.Accepted);
        var unknown = sent.Count(static mail => mail.Verdict == Verdict.Unknown);
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        Metrics metrics;
        do
        {
            metrics = await Metrics.ReadAsync(proxy.Process);
        }
        while (metrics.Sum("smtpproxy_active_sessions") > 0 && !patience.IsCancellationRequested);
        Assert.Equal(0, metrics.Sum("smtpproxy_active_sessions"));
        Assert.InRange(inRelay, accepted, accepted + unknown);
        var delivered = metrics.Sum("smtpproxy_transactions_total", ("smtpproxy_outcome", "accepted"))
            + metrics.Sum("smtpproxy_transactions_total", ("smtpproxy_outcome", "partial"));
        Assert.InRange(delivered, accepted, inRelay);
        Assert.True(metrics.Sum("smtpproxy_faults_injected_total") > 0, metrics.Text);
    }

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : otherwise;

    /// <summary>Sockets that a process has open; what else the runtime opens in time is its own.</summary>
    private static int Sockets(int process) =>
        Directory.GetFiles($"/proc/{process}/fd")
            .Count(static fd => new FileInfo(fd).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
}
