namespace SmtpProxy.Cli.Running;

/// <summary>The life of a proxy in a process that is not its own: signals are the process's matter.</summary>
internal sealed class QuietLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Says who ends the proxy.</summary>
internal static class LifetimeRegistration
{
    /// <summary>Adds it.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="takesSignals">Whether signals do.</param>
    public static IServiceCollection AddLifetime(this IServiceCollection services, bool takesSignals) => takesSignals
        ? services.AddSingleton<IHostLifetime, SignalLifetime>() : services.AddSingleton<IHostLifetime, QuietLifetime>();
}
