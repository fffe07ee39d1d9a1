using System.Text;
using BenchmarkDotNet.Attributes;
using SmtpProxy.Protocol.Messages;

namespace SmtpProxy.Benchmarks;

/// <summary>What it costs to follow message data, a MB read 64 KiB at a time, by what it holds: with plain text passing
/// in blocks, and without.</summary>
public class DataScannerBenchmarks
{
    private const int Octets = 1 << 20;
    private byte[] _data = null!;

    /// <summary>What is in the message.</summary>
    public enum Content
    {
        /// <summary>Lines of 76 octets, as attachments are.</summary>
        Base64,

        /// <summary>Lines of 20 to 70 octets, a dot now and then.</summary>
        Text,

        /// <summary>The same, octets of every value above 127.</summary>
        EightBit,

        /// <summary>Lines of 300 to 998 octets.</summary>
        LongLines,

        /// <summary>Text in which one line in thirty begins with a dot.</summary>
        Dots,

        /// <summary>Lines that end in LF alone.</summary>
        BareLf,
    }

    /// <summary>What is in the message.</summary>
    [ParamsAllValues]
    public Content Of { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var text = new StringBuilder();
        while (text.Length < Octets)
        {
            var length = Of switch { Content.Base64 => 76, Content.LongLines => random.Next(300, 999), _ => random.Next(20, 71) };
            text.Append(Of == Content.Dots && random.Next(30) == 0 ? "." : "x");
            for (var left = length - 1; left > 0; left--)
            {
                text.Append(Of switch
                {
                    Content.Base64 => (char)('A' + random.Next(26)),
                    Content.EightBit => (char)random.Next(128, 256),
                    _ => random.Next(80) == 0 ? '.' : (char)('a' + random.Next(26)),
                });
            }

            text.Append(Of == Content.BareLf ? "\n" : "\r\n");
        }

        _data = Encoding.Latin1.GetBytes(text.ToString(0, Octets));
    }

    [Benchmark(Baseline = true)]
    public long Exactly()
    {
        var scanner = DataScanner.Start();
        for (var at = 0; at < Octets; at += 65536)
        {
            scanner.ScanExactly(_data.AsSpan(at, 65536), 65536, out _);
        }

        return scanner.MessageOctets;
    }

    [Benchmark]
    public long InBlocks()
    {
        var scanner = DataScanner.Start();
        for (var at = 0; at < Octets; at += 65536)
        {
            scanner.Scan(_data.AsSpan(at, 65536), out _);
        }

        return scanner.MessageOctets;
    }
}
