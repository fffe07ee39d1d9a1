using System.Net.Sockets;
using SmtpProxy.Configuration;
using SmtpProxy.Transport;

namespace SmtpProxy.Cli;

/// <summary>What keeps the host from starting, as the setting that has to change.</summary>
internal static class StartFailures
{
    private const string Remedy = "stop the program that has the address, or write another address or port";

    /// <summary>The problem, or null when it is no setting's.</summary>
    public static Problem? Explain(Exception failure, IConfiguration configuration) => failure switch
    {
        // The listeners open later and name themselves.
        TransportException => Problem.At($"{Settings.Section}:Sink:Address", $"{failure.Message} If the sink is not wanted, set {Settings.Section}:Sink:Enabled=false; or {Remedy}"),
        _ when SocketErrorIn(failure) is { } error => Problem.At(ServerKey(configuration), $"cannot listen on {ServerUrls(configuration)}: {error.Message}; {Remedy}"),
        InvalidOperationException => Problem.At(ServerKey(configuration), failure.Message),
        _ => null,
    };

    private static SocketException? SocketErrorIn(Exception? e) => e is null ? null : e as SocketException ?? SocketErrorIn(e.InnerException);

    private static IConfigurationSection[] Endpoints(IConfiguration configuration) => [.. configuration.GetSection($"{Roots.Http}:Endpoints").GetChildren()];

    private static string ServerKey(IConfiguration configuration) =>
        Endpoints(configuration) is [var only] ? $"{only.Path}:Url" : $"{Roots.Http}:Endpoints";

    private static string ServerUrls(IConfiguration configuration) => string.Join(" or ", Endpoints(configuration).Select(static e => e["Url"]));
}
