using System.Net;

namespace SmtpProxy.Endurance.Attacks;

/// <summary>One way to be a nuisance.</summary>
/// <param name="Name">Its name.</param>
/// <param name="AtOnce">How many do it at the same time.</param>
/// <param name="Pause">Milliseconds between two tries of one of them.</param>
/// <param name="Act">One try, which ends by itself or when it is told to.</param>
/// <param name="Listener">Whose clients do it.</param>
internal sealed record Attack(
    string Name, int AtOnce, int Pause, Func<IPEndPoint, Random, CancellationToken, Task> Act, string Listener = "open")
{
    /// <summary>In the place of a listener: where HTTP is served.</summary>
    public const string Admin = "(admin)";

    /// <summary>It is there before anything is measured: what it takes to begin is not what it is about.</summary>
    public bool Stands { get; init; }
}
