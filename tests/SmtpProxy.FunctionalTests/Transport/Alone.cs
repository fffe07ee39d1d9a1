namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>The collection of tests that run when nothing else does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
