namespace SmtpProxy.Configuration.Schema;

/// <summary>What kind of place this process runs in.</summary>
internal static class ProcessEnvironment
{
    /// <summary>The name of the environment: <c>DOTNET_ENVIRONMENT</c>, what the command line implies, or the usual Production.</summary>
    public static string Name => Said ?? Implied ?? Environments.Production;

    /// <summary>What the command line implies where no variable names one; null: nothing. Set before the configuration is read.</summary>
    public static string? Implied { get; set; }

    /// <summary>Whether it is only implied.</summary>
    public static bool IsImplied => Said is null && Implied is not null;

    private static string? Said => Value(OwnVariables.Environment) ?? Value(OwnVariables.WebEnvironment);

    private static string? Value(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } name ? name : null;
}
