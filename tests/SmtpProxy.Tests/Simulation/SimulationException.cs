namespace SmtpProxy.Tests.Simulation;

/// <summary>The contract of the transport was broken, by the handler or by the simulation. The message carries the seed and
/// everything that happened.</summary>
public sealed class SimulationException(string message, Exception? inner = null) : Exception(message, inner);
