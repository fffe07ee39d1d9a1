using System.Text;
using BenchmarkDotNet.Attributes;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Lines;
using SmtpProxy.Protocol.Tests;

namespace SmtpProxy.Benchmarks;

/// <summary>What it costs to follow a dialogue, with nobody listening: a whole session, a large message,
/// replies, a pipelined group.</summary>
[MemoryDiagnoser]
public class DialogueBenchmarks
{
    private const int Replies = 100;
    private static readonly byte[] Greeting = "220 mx ESMTP\r\n"u8.ToArray();
    private static readonly byte[] Capabilities = "250-mx\r\n250-PIPELINING\r\n250 SIZE 1000\r\n"u8.ToArray();
    private static readonly byte[] Group =
        "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\nDATA\r\n"u8.ToArray();
    private static readonly byte[] GroupReplies = "250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.1.5 ok\r\n354 go\r\n"u8.ToArray();
    private static readonly byte[] Commands = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("RSET\r\n", Replies)));
    private static readonly byte[] Answers = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("250 2.0.0 Ok\r\n", Replies)));
    private static readonly byte[] Line = Encoding.ASCII.GetBytes(new string('x', 76) + "\r\n");
    private readonly Silence _silence = new();
    private readonly byte[] _small = Message(1_000);
    private readonly byte[] _large = Message(10_000_000);
    private readonly Dialogue _dialogue = new(new Silence(), DialogueLimits.Default);

    /// <summary>Greeting to QUIT with one message of 1 KB.</summary>
    [Benchmark]
    public void Session()
    {
        Begin();
        Envelope();
        _dialogue.FromClient(_small);
        _dialogue.FromRelay("250 2.0.0 Ok: queued as 4F1XYZ\r\n"u8);
        _dialogue.FromClient("QUIT\r\n"u8);
        _dialogue.FromRelay("221 2.0.0 bye\r\n"u8);
        _dialogue.Finish();
    }

    /// <summary>A message of 10 MB in lines of 76 octets, read 64 KB at a time.</summary>
    [Benchmark]
    public void LargeMessage()
    {
        Begin();
        Envelope();
        for (var at = 0; at < _large.Length; at += 65536)
        {
            _dialogue.FromClient(_large.AsSpan(at, Math.Min(65536, _large.Length - at)));
        }

        _dialogue.FromRelay("250 2.0.0 Ok\r\n"u8);
    }

    /// <summary>A hundred commands in one group, and their replies.</summary>
    [Benchmark(OperationsPerInvoke = Replies)]
    public void PipelinedGroup()
    {
        Begin();
        _dialogue.FromClient(Commands);
        _dialogue.FromRelay(Answers);
    }

    private static byte[] Message(int octets) =>
        [.. Enumerable.Repeat(Line, octets / Line.Length).SelectMany(static line => line), .. ".\r\n"u8];

    private void Begin()
    {
        _dialogue.Reset(_silence);
        _dialogue.Start();
        _dialogue.FromRelay(Greeting);
        _dialogue.FromClient("EHLO client\r\n"u8);
        _dialogue.FromRelay(Capabilities);
    }

    private void Envelope()
    {
        _dialogue.FromClient(Group);
        _dialogue.FromRelay(GroupReplies);
    }
}
