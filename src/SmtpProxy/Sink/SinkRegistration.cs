using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace SmtpProxy.Sink;

/// <summary>Puts the sink together.</summary>
public static class SinkRegistration
{
    /// <summary>
    /// Adds the sink: <see cref="SinkOptions"/>, <see cref="SinkMailbox"/> and the hosted service that listens on the
    /// <see cref="Transport.ITransport"/>. Call it before whatever starts the proxy's own listeners: hosted services stop in reverse order,
    /// and sessions that still finish their mail need the sink. With <see cref="SinkOptions.Enabled"/> off it listens nowhere.
    /// </summary>
    public static IServiceCollection AddSink(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SinkOptions>().Bind(configuration.GetSection(SinkOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SinkOptions>, Validator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(static s =>
        {
            var options = s.GetRequiredService<IOptions<SinkOptions>>().Value;
            return new SinkMailbox(options.Keep, s.GetRequiredService<TimeProvider>(), options.Memory);
        });
        services.AddSingleton<SinkService>();
        services.AddHostedService(static s => s.GetRequiredService<SinkService>());
        return services;
    }

    private sealed class Validator : IValidateOptions<SinkOptions>
    {
        public ValidateOptionsResult Validate(string? name, SinkOptions options) =>
            options.Validate().ToArray() is { Length: > 0 } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
