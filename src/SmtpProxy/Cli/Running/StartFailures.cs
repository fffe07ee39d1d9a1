using SmtpProxy.Configuration.Schema;
using SmtpProxy.Sink;
using SmtpProxy.Transport;

namespace SmtpProxy.Cli.Running;

/// <summary>What keeps the host from starting, as the setting that has to change.</summary>
internal static class StartFailures
{
    /// <summary>The problem, or null when it is no setting's.</summary>
    public static Problem? Explain(Exception failure, IConfiguration configuration) => failure switch
    {
        // The listeners open later and name themselves.
        TransportException => Sink(failure, configuration),
        _ when ListenRemedy.ErrorIn(failure) is not null => Server(failure, configuration),
        InvalidOperationException => Problem.At($"{Roots.Http}:Endpoints", failure.Message.ReplaceLineEndings(" ")),
        _ => null,
    };

    private static Problem Sink(Exception failure, IConfiguration configuration)
    {
        const string key = $"{SinkOptions.Section}:{nameof(SinkOptions.Address)}";
        return Problem.At(key,
            $"{failure.Message.TrimEnd('.')}; {ListenRemedy.For(failure, SinkOptions.ParseAddress(configuration[key]))}. If the sink is " +
                $"not wanted, set {SinkOptions.Section}:{nameof(SinkOptions.Enabled)}=false");
    }

    private static Problem Server(Exception failure, IConfiguration configuration)
    {
        // The server's own message names the address.
        var urls = configuration.GetSection($"{Roots.Http}:Endpoints").GetChildren()
            .Select(static e => (Key: $"{e.Path}:Url", Url: e["Url"] ?? "")).ToArray();
        var (key, text) = urls.FirstOrDefault(u => failure.Message.Contains(u.Url.TrimEnd('/'), StringComparison.OrdinalIgnoreCase),
            urls[0]);
        _ = ServerUrl.TryParse(text, out var url);
        return Problem.At(key, $"cannot listen on {text}: {Cause(failure).TrimEnd('.')}; {ListenRemedy.For(failure, url?.Address)}");
    }

    private static string Cause(Exception e) => e.InnerException is { } inner ? Cause(inner) : e.Message;
}
