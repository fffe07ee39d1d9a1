namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>The collection of tests that have thousands of descriptors open in this process: one after the other, beside all the others.
/// What they measure is the proxy's, which has a process of its own.</summary>
[CollectionDefinition(nameof(Crowded))]
public sealed class Crowded;
