namespace SmtpProxy.Demo;

/// <summary>A kind of traffic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Listener">The listener that it goes to.</param>
/// <param name="Weight">How common it is, against the others.</param>
/// <param name="RunAsync">One session of it.</param>
internal sealed record Kind(string Name, string Listener, int Weight, Func<Visit, Task> RunAsync);
