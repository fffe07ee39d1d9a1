using System.Diagnostics;
using System.Globalization;
using SmtpProxy.Tests.Fuzzing;

// SmtpProxy.Fuzz TARGET|all [--inputs N] [--seconds N] [--seed N]   random and mutated inputs; needs nothing installed
// SmtpProxy.Fuzz TARGET --file PATH                                  one input again
// SmtpProxy.Fuzz TARGET --afl                                        under afl-fuzz; see tests/fuzz
var name = args.FirstOrDefault() ?? "all";
string? Option(string option) => Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
#if AFL
if (args.Contains("--afl"))
{
    var led = FuzzTargets.Named(name);
    SharpFuzz.Fuzzer.OutOfProcess.Run(stream =>
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        led.Try(copy.ToArray());
    });
    return 0;
}
#endif
if (Option("--file") is { } path)
{
    FuzzTargets.Named(name).Try(File.ReadAllBytes(path));
    Console.WriteLine("nothing is wrong");
    return 0;
}

if (Option("--seeds") is { } folder)
{
    var seeds = FuzzTargets.Named(name).Seeds;
    Directory.CreateDirectory(folder);
    for (var n = 0; n < seeds.Count; n++)
    {
        File.WriteAllBytes(Path.Combine(folder, n.ToString(CultureInfo.InvariantCulture)), seeds[n]);
    }

    return 0;
}

var seed = int.Parse(Option("--seed") ?? "1", CultureInfo.InvariantCulture);
var inputs = long.Parse(Option("--inputs") ?? "1000000", CultureInfo.InvariantCulture);
var longest = TimeSpan.FromSeconds(int.Parse(Option("--seconds") ?? "60", CultureInfo.InvariantCulture));
var failed = false;
foreach (var target in name == "all" ? FuzzTargets.All : [FuzzTargets.Named(name)])
{
    var watch = Stopwatch.StartNew();
    var count = 0L;
    // A target that counts: what was really tried is what is told.
    var counted = target with { Try = input => { count++; target.Try(input); } };
    var found = FuzzRun.Go(counted, [], seed, inputs, longest);
    var memory = Process.GetCurrentProcess().PeakWorkingSet64 / (1024 * 1024);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{target.Name,-14} {count,12} inputs {watch.Elapsed.TotalSeconds,7:0} s {count / watch.Elapsed.TotalSeconds,10:0}/s  {memory} " +
            $"MB  seed {seed}"));
    if (found is { } f)
    {
        failed = true;
        Console.WriteLine($"{target.Name}: {Convert.ToHexString(f.Input)}\n{f.Failure}");
    }
}

return failed ? 1 : 0;
