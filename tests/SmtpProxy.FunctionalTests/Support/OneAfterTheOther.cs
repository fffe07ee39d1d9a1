using System.Reflection;
using SmtpProxy.FunctionalTests.Support;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework($"SmtpProxy.FunctionalTests.Support.{nameof(OneAfterTheOther)}", "SmtpProxy.FunctionalTests")]

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>Begins collections in the order that <see cref="SlowestFirst"/> says. By itself the framework hands all of them to the thread
/// pool at once, and a thread that has to wait for a processor at that moment comes after hundreds of others: again and again one
/// of the slowest collections began last, and ran for a minute with nothing beside it.</summary>
/// <param name="messages">Where diagnostic messages go.</param>
public sealed class OneAfterTheOther(IMessageSink messages) : XunitTestFramework(messages)
{
    /// <inheritdoc/>
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider sources, IMessageSink messages)
        : XunitTestFrameworkExecutor(assembly, sources, messages)
    {
        protected override async void RunTestCases(IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink,
            ITestFrameworkExecutionOptions executionOptions)
        {
            var mine = Mine([.. testCases], Shard.Parse(Environment.GetEnvironmentVariable(Shard.Variable)));
            using var runner = new Runner(TestAssembly, mine, DiagnosticMessageSink, executionMessageSink, executionOptions);
            await runner.RunAsync();
        }

        private static IXunitTestCase[] Mine(IXunitTestCase[] all, Shard shard)
        {
            var picked = shard.Pick(all.Select(NameOf));
            return [.. all.Where(c => picked.Contains(NameOf(c)))];
        }

        private static string NameOf(IXunitTestCase test) => test.TestMethod.TestClass.TestCollection.DisplayName;
    }

    private sealed class Runner(ITestAssembly assembly, IEnumerable<IXunitTestCase> cases, IMessageSink messages, IMessageSink results,
        ITestFrameworkExecutionOptions options) : XunitTestAssemblyRunner(assembly, cases, messages, results, options)
    {
        private readonly Dictionary<Guid, (Task Before, TaskCompletionSource InLine)> _places = [];

        protected override Task<RunSummary> RunTestCollectionsAsync(IMessageBus messageBus, CancellationTokenSource cancellationTokenSource)
        {
            var before = Task.CompletedTask;
            foreach (var (collection, _) in OrderTestCollections().Where(static c => !IsAlone(c.Item1)))
            {
                var inLine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _places[collection.UniqueID] = (before, inLine);
                before = inLine.Task;
            }

            return base.RunTestCollectionsAsync(messageBus, cancellationTokenSource);
        }

        protected override async Task<RunSummary> RunTestCollectionAsync(IMessageBus messageBus, ITestCollection testCollection,
            IEnumerable<IXunitTestCase> testCases, CancellationTokenSource cancellationTokenSource)
        {
            if (!_places.TryGetValue(testCollection.UniqueID, out var place))
            {
                return await base.RunTestCollectionAsync(messageBus, testCollection, testCases, cancellationTokenSource);
            }

            await place.Before.WaitAsync(cancellationTokenSource.Token);
            // It waits for one of the few that may run at a time when this returns, and those who wait are served in turn.
            var run = base.RunTestCollectionAsync(messageBus, testCollection, testCases, cancellationTokenSource);
            place.InLine.SetResult();
            return await run;
        }

        /// <summary>Those come when all others have ended.</summary>
        private static bool IsAlone(ITestCollection collection) => collection.CollectionDefinition?
            .GetCustomAttributes(typeof(CollectionDefinitionAttribute)).SingleOrDefault()?
            .GetNamedArgument<bool>(nameof(CollectionDefinitionAttribute.DisableParallelization)) == true;
    }
}
