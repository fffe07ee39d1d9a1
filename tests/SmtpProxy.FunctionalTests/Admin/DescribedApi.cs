using System.Text.Json;
using SmtpProxy.FunctionalTests.Faults;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>A running proxy whose faults may be armed, and all that its API says it has: what is added to the API is
/// tested without being named.</summary>
public sealed class DescribedApi : IAsyncLifetime
{
    private FaultedProxy? _proxy;

    /// <summary>Asks it.</summary>
    public HttpClient Http { get; } = new();

    internal IReadOnlyList<Described> Operations { get; private set; } = [];

    public async Task InitializeAsync()
    {
        _proxy = await FaultedProxy.StartAsync();
        Http.BaseAddress = _proxy.Process.Admin;
        var document = JsonElement.Parse(await Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        Operations =
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               select new Described(
                   new HttpMethod(operation.Name.ToUpperInvariant()),
                   string.Join('/', path.Name.Split('/').Select(static part => part.StartsWith('{') ? "x" : part)),
                   operation.Value.TryGetProperty("requestBody", out _),
                   [.. operation.Value.GetProperty("responses").EnumerateObject().Select(static r => r.Name)]),
        ];
        // That it lists what there is, and not nothing.
        Assert.Contains(Operations, static d => d is { Path: "/healthz" });
        Assert.Contains(Operations, static d => d is { Path: "/api/v1/faults/rules/x", TakesBody: true } && d.Method == HttpMethod.Put);
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _proxy!.DisposeAsync();
    }
}

/// <summary>One operation of the API.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">A path; parameters have some value.</param>
/// <param name="TakesBody">Whether it takes a body.</param>
/// <param name="Answers">The status codes that it says it may answer with.</param>
internal sealed record Described(HttpMethod Method, string Path, bool TakesBody, IReadOnlyList<string> Answers);
