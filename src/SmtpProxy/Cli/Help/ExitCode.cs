namespace SmtpProxy.Cli.Help;

/// <summary>What the process exits with.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Good = 0;

    /// <summary>The command line or the configuration was refused, or an address could not be listened on.
    /// Standard error says why.</summary>
    public const int Refused = 1;

    /// <summary><c>check --ask</c>: the configuration is good, and a relay does not serve, or trusts this host. <c>probe</c>: something is
    /// wrong with the server. Standard output says what.</summary>
    public const int RelayAmiss = 2;

    /// <summary><c>rehearse</c>: something that was expected is not so. Standard output says what.</summary>
    public const int ExpectationBroken = 2;

    /// <summary><c>probe</c>: the server wants to be asked again later (4yz).</summary>
    public const int PutOff = 3;

    /// <summary>A second signal ended the process before it had drained (128 + SIGINT, as shells count).</summary>
    public const int Interrupted = 130;
}
