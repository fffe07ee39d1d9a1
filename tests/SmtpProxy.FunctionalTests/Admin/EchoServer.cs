using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>An HTTP server that says what it was asked, and with which credentials.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public static async Task<EchoServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(static context =>
            context.Response.WriteAsync(
                $"{context.Request.Path} " +
                    $"authorization={context.Request.Headers.Authorization}" +
                        $"{(context.Request.Headers.Cookie.Count > 0 ? $" cookie={context.Request.Headers.Cookie}" : "")}"));
        await app.StartAsync();
        return new EchoServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
