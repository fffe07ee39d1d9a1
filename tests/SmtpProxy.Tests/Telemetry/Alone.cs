namespace SmtpProxy.Tests.Telemetry;

/// <summary>Tests that nothing may run beside: a provider of metrics collects every meter of the process that has the name,
/// those of other tests too.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Telemetry alone";
}
