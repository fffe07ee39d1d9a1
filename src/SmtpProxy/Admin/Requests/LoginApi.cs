namespace SmtpProxy.Admin.Requests;

/// <summary><c>/api/v1/login</c>: shows the token once, and has a cookie instead.</summary>
internal static class LoginApi
{
    /// <summary>Maps the paths.</summary>
    public static void MapLogin(this RouteGroupBuilder own)
    {
        var login = own.MapGroup("/api/v1").WithTags("login");
        login.MapGet("/login", static (HttpRequest request, Logins logins) =>
            Results.Json(new LoginState(logins.AreNeeded, !logins.AreNeeded || logins.IsIn(request)), RequestsJson.Sent.LoginState))
            .Produces<LoginState>().WithMetadata(new ServedToAnybody())
            .WithSummary("Whether a token is asked for, and this browser has shown it");
        login.MapPost("/login", LogInAsync).Produces(StatusCodes.Status204NoContent).WithMetadata(new ServedToAnybody())
            .WithSummary("Show the token, and have a cookie for twelve hours");
        login.MapPost("/logout", static (HttpContext context, Logins logins) =>
        {
            logins.LogOut(context);
            return Results.NoContent();
        }).Produces(StatusCodes.Status204NoContent).WithSummary("Give the cookie back");
    }

    private static async Task LogInAsync(HttpContext context, Logins logins, TokenFailures failures, LoginRequest login)
    {
        if (logins.AreNeeded && !logins.IsToken(login.Token ?? ""))
        {
            await failures.RefuseAsync(context).ConfigureAwait(false);
            return;
        }

        if (logins.AreNeeded)
        {
            logins.LogIn(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // Generated code has to see them.
    internal sealed record LoginRequest(string? Token);

    /// <summary>Whether a token is asked for, and whether the browser has shown it.</summary>
    internal sealed record LoginState(bool Required,
        [property: System.Text.Json.Serialization.JsonPropertyName("signed_in")] bool SignedIn);
}
