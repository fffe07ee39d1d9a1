using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet.Reading;

/// <summary>A proxy with both tokens: each does what it is for, under its own scheme, whole and alone.</summary>
[Collection("Fleet")]
public sealed class FleetTokenTests
{
    private const string Bearer = "a-token-that-may-change-things";

    [SkippableFact]
    public async Task Tokens_OfFleetAndAdminSide_AreNotEachOthers()
    {
        await using var fleet = await FleetRig.StartReadingAsync(0);
        // It is asked for its state without a token by the rig, so that the rig gets one.
        fleet.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {Bearer}");
        var proxy = await fleet.AddAsync("node-0", [.. fleet.Reading(), $"--SmtpProxy:Admin:BearerToken={Bearer}"]);
        await fleet.JoinedAsync(1);
        using var http = new HttpClient();
        foreach (var (sessions, halt, said) in ((int, int, string[])[])[
            (200, 200, [$"Bearer {Bearer}"]), (200, 403, [$"Fleet {FleetRig.Secret}"]), (200, 403, [$"fleet {FleetRig.Secret}"]),
            (401, 401, []), (401, 401, [$"Bearer {FleetRig.Secret}"]), (401, 401, [$"Fleet {Bearer}"]),
            (401, 401, [$"Fleet {FleetRig.Secret[..^1]}"]), (401, 401, [$"Fleet {FleetRig.Secret}="]), (401, 401, ["Fleet"]),
            (401, 401, ["Fleet "]), (401, 401, [$"Fleet{FleetRig.Secret}"]), (401, 401, [FleetRig.Secret]),
            (401, 401, [$"Fleet {FleetRig.Secret}", $"Bearer {Bearer}"]), (401, 401, [$"Bearer {Bearer}", $"Fleet {FleetRig.Secret}"])])
        {
            foreach (var (method, path, wanted) in new[] { (HttpMethod.Get, "/api/v1/sessions", sessions),
                (HttpMethod.Post, "/api/v1/faults/resume", halt) })
            {
                using var request = new HttpRequestMessage(method, new Uri(proxy.Admin, path));
                foreach (var value in said)
                {
                    request.Headers.TryAddWithoutValidation("Authorization", value);
                }

                using var answer = await http.SendAsync(request);
                // Who sends too many wrong ones is told so; it is no more a yes than the other.
                var status = (int)answer.StatusCode == 429 ? 401 : (int)answer.StatusCode;
                Assert.True(wanted == status, $"{method} {path} with {string.Join(" and ", said)}: {status}");
            }
        }
    }
}
