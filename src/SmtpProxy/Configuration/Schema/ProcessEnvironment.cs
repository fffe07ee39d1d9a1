namespace SmtpProxy.Configuration.Schema;

/// <summary>What kind of place this process runs in.</summary>
internal static class ProcessEnvironment
{
    /// <summary>The name of the environment: <c>DOTNET_ENVIRONMENT</c>, or the usual Production.</summary>
    public static string Name =>
        Said(OwnVariables.Environment) ?? Said(OwnVariables.WebEnvironment) ?? Environments.Production;

    private static string? Said(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } name ? name : null;
}
