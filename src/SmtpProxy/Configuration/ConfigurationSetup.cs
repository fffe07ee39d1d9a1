using SmtpProxy.Configuration.Schema;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Configuration;

/// <summary>Where a process looks for its configuration.</summary>
internal static class ConfigurationSetup
{
    /// <summary>The name of the environment: <c>DOTNET_ENVIRONMENT</c>, or the usual Production.</summary>
    public static string EnvironmentName => ProcessEnvironment.Name;

    /// <summary>Reads the configuration of this process.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static ValidatedConfiguration Load(Overrides overrides) => new(Layers(overrides));

    /// <summary>Makes a configuration of these settings alone: neither files nor environment variables have a say.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static ValidatedConfiguration LoadOnly(Overrides settings) =>
        new(new ConfigurationLayers([], EnvironmentName, settings, new Dictionary<string, string>()));

    /// <summary>Reads what the sources say, and judges nothing: for who asks a proxy that already runs with it.</summary>
    public static IConfiguration Read(Overrides overrides)
    {
        using var layers = Layers(overrides);
        return new ConfigurationBuilder().AddInMemoryCollection(layers.Read([]).Values).Build();
    }

    private static ConfigurationLayers Layers(Overrides overrides)
    {
        ProcessEnvironment.Implied = overrides.Environment;
        return new ConfigurationLayers(
            [AppContext.BaseDirectory, WorkingDirectory()], EnvironmentName, overrides, Environment.GetEnvironmentVariables());
    }

    private static string WorkingDirectory()
    {
        try
        {
            return Directory.GetCurrentDirectory();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                [Problem.At("the working directory", "is gone, or may not be read; change to one that exists")]);
        }
    }
}
