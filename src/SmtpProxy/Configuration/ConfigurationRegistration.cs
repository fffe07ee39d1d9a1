namespace SmtpProxy.Configuration;

/// <summary>Puts the configuration in its place.</summary>
internal static class ConfigurationRegistration
{
    /// <summary>Makes it the only configuration that the host and its services read, and has changes logged.</summary>
    public static void UseValidated(this IHostApplicationBuilder builder, ValidatedConfiguration configuration)
    {
        builder.Configuration.Sources.Clear();
        builder.Configuration.Add(configuration);
        builder.Services.AddSingleton(configuration);
        builder.Services.AddHostedService<ReloadLog>();
    }
}
