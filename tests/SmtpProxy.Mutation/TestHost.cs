using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace SmtpProxy.Mutation;

/// <summary>The process that the tests run in. It knows nothing of the compiler: it is told on its input what to run, and tells what
/// came of it on its output, a line each.</summary>
internal sealed class TestHost : IDisposable
{
    private readonly XunitTestFramework _framework = new(new Sink(static _ => true));
    private readonly Assembly _tests;
    private readonly Type _switch;
    private readonly TextWriter _out;
    private readonly bool _isFromStart;
    private readonly Dictionary<string, ITestCase> _cases = [];
    private readonly HashSet<string> _discovered = [];

    private TestHost(string tests, string product, TextWriter output, int active)
    {
        _tests = Assembly.Load(new AssemblyName(tests));
        _switch = Assembly.Load(new AssemblyName(product)).GetType("MutationSwitch")!;
        (_out, _isFromStart, Active) = (output, active != 0, active);
    }

    private int Active
    {
        set => _switch.GetField("Active")!.SetValue(null, value);
    }

    /// <summary>Serves until the input ends.</summary>
    /// <param name="args">The assembly of the tests, that of the product, and the mutant that is on from the start or 0.</param>
    public static int Serve(string[] args)
    {
        var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        // What tests print would be taken for an answer.
        Console.SetOut(TextWriter.Null);
        using var host = new TestHost(args[0], args[1], output, int.Parse(args[2], CultureInfo.InvariantCulture));
        output.WriteLine("ready");
        while (Console.In.ReadLine()?.Split(' ') is { } words)
        {
            switch (words[0])
            {
                case "list":
                    host.List();
                    break;
                case "watch":
                    host.Watch(words[1..]);
                    break;
                case "try":
                    host.Try(int.Parse(words[1], CultureInfo.InvariantCulture), words[2..]);
                    break;
                default:
                    return 1;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _framework.Dispose();

    /// <summary>Tells of every test: class/id.</summary>
    private void List()
    {
        Discover(null);
        foreach (var (id, test) in _cases)
        {
            _out.WriteLine($"{test.TestMethod.TestClass.Class.Name}/{id}");
        }

        _out.WriteLine("listed");
    }

    /// <summary>Finds the tests of a class, or of all. A process that runs a few tests need not look for thousands.</summary>
    private void Discover(string? ofClass)
    {
        using var done = new ManualResetEventSlim();
        using var discoverer = _framework.GetDiscoverer(Reflector.Wrap(_tests));
        var sink = new Sink(message =>
        {
            if (message is ITestCaseDiscoveryMessage m)
            {
                _cases[m.TestCase.UniqueID] = m.TestCase;
            }
            else if (message is IDiscoveryCompleteMessage)
            {
                done.Set();
            }

            return true;
        });
        if (ofClass is null)
        {
            discoverer.Find(false, sink, new Options());
        }
        else
        {
            discoverer.Find(ofClass, false, sink, new Options());
        }

        done.Wait();
    }

    /// <summary>Those that are still there of class/id.</summary>
    private List<ITestCase> Find(IEnumerable<string> names)
    {
        var found = new List<ITestCase>();
        foreach (var name in names)
        {
            var id = name[(name.LastIndexOf('/') + 1)..];
            var its = name[..name.LastIndexOf('/')];
            if (!_cases.ContainsKey(id) && _discovered.Add(its))
            {
                Discover(its);
            }

            // One that is not there was changed; or a mutant keeps its data from being made, which its class tells.
            found.AddRange(_cases.TryGetValue(id, out var test)
                ? [test] : _cases.Values.Where(c => c.TestMethod.TestClass.Class.Name == its));
        }

        return found;
    }

    /// <summary>Runs each test alone, and tells how long it took, whether it passed and what it reached.</summary>
    private void Watch(string[] names)
    {
        var reached = (byte[])_switch.GetField("Reached")!.GetValue(null)!;
        _switch.GetField("Watching")!.SetValue(null, true);
        foreach (var name in names)
        {
            if (Find([name]) is not [var test])
            {
                continue;
            }

            // Discovery may have reached some: it belongs to whatever comes first, as with what runs once in a process.
            var watch = Stopwatch.StartNew();
            var failed = Run([test]);
            var milliseconds = watch.Elapsed.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);
            var hits = Enumerable.Range(1, reached.Length - 1).Where(n => reached[n] != 0);
            _out.WriteLine(
                $"test\t{name}\t{milliseconds}\t{(failed is null ? "passed" : "failed")}\t{string.Join(',', hits)}\t{test.DisplayName
                .ReplaceLineEndings(" ").Replace('\t', ' ')}");
            Array.Clear(reached);
        }

        _switch.GetField("Watching")!.SetValue(null, false);
        _out.WriteLine("watched");
    }

    /// <summary>Runs tests with the mutant on until one fails. Those that fail without it as well count for nothing: then something is
    /// left over from an earlier mutant.</summary>
    private void Try(int mutant, string[] groups)
    {
        // milliseconds:class/id,class/id. Where the mutant is on from the start it is so while tests are looked for as well, since that
        // may fill the tables that it is in.
        var parted = groups.Select(static g => g.Split(':', 2)).Select(p => (p[0], Tests: Find(p[1].Split(','))));
        foreach (var (milliseconds, tests) in _isFromStart ? parted.ToList() : parted)
        {
            _out.WriteLine("group " + milliseconds);
            Active = mutant;
            var failed = tests.Count == 0 ? null : Run(tests);
            Active = 0;
            if (failed is not null)
            {
                _out.WriteLine("group " + milliseconds);
                _out.WriteLine(Run([failed]) is null 
                    ? $"killed {failed.TestMethod.TestClass.Class.Name}/{failed.UniqueID}" : "spoilt");
                return;
            }
        }

        _out.WriteLine("survived");
    }

    /// <summary>The first test that failed, or null.</summary>
    private ITestCase? Run(List<ITestCase> tests)
    {
        ITestCase? failed = null;
        using var done = new ManualResetEventSlim();
        using var executor = _framework.GetExecutor(_tests.GetName());
        executor.RunTests(tests, new Sink(message =>
        {
            switch (message)
            {
                case ITestFailed f:
                    failed ??= f.TestCase;
                    break;
                case IErrorMessage or ITestClassCleanupFailure or ITestCleanupFailure or ITestCollectionCleanupFailure:
                    failed ??= tests[0];
                    break;
                case ITestAssemblyFinished:
                    done.Set();
                    break;
            }

            return failed is null;
        }), new Options());
        done.Wait();
        return failed;
    }

    private sealed class Sink(Func<IMessageSinkMessage, bool> take) : IMessageSink
    {
        public bool OnMessage(IMessageSinkMessage message) => take(message);
    }

    private sealed class Options : ITestFrameworkExecutionOptions, ITestFrameworkDiscoveryOptions
    {
        private readonly Dictionary<string, object> _values = new()
        {
            ["xunit.execution.DisableParallelization"] = true,
            ["xunit.execution.SynchronousMessageReporting"] = true,
            ["xunit.discovery.SynchronousMessageReporting"] = true,
            ["xunit.discovery.PreEnumerateTheories"] = true,
        };

        public TValue GetValue<TValue>(string name) => _values.TryGetValue(name, out var value) ? (TValue)value : default!;

        public void SetValue<TValue>(string name, TValue value) => _values[name] = value!;
    }
}
