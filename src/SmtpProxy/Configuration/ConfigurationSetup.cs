namespace SmtpProxy.Configuration;

/// <summary>Where a process looks for its configuration.</summary>
internal static class ConfigurationSetup
{
    /// <summary>The name of the environment: <c>DOTNET_ENVIRONMENT</c>, or the usual Production.</summary>
    public static string EnvironmentName => ProcessEnvironment.Name;

    /// <summary>Reads the configuration of this process.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static ValidatedConfiguration Load(Overrides overrides) =>
        new(new ConfigurationLayers([AppContext.BaseDirectory, Directory.GetCurrentDirectory()], EnvironmentName, overrides, Environment.GetEnvironmentVariables()));
}
