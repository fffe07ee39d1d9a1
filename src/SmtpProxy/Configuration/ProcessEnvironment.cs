namespace SmtpProxy.Configuration;

/// <summary>What kind of place this process runs in.</summary>
internal static class ProcessEnvironment
{
    /// <summary>The name of the environment: <c>DOTNET_ENVIRONMENT</c>, or the usual Production.</summary>
    public static string Name =>
        Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environments.Production;
}
