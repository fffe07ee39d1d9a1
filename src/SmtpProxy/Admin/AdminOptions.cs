namespace SmtpProxy.Admin;

/// <summary>The HTTP side (<c>SmtpProxy:Admin</c>); its address is <c>Kestrel:Endpoints:Admin:Url</c>. Read at start.</summary>
public sealed class AdminOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy:Admin";

    /// <summary>What callers send as <c>Authorization: Bearer …</c>. Required on any address but loopback; null
    /// = no token is asked for.</summary>
    public string? BearerToken { get; set; }

    /// <summary>Paths that need no token although there is one, separated by commas, of <c>/metrics</c>,
    /// <c>/healthz</c> and <c>/readyz</c>.</summary>
    public string? AllowAnonymous { get; set; }

    /// <summary><see cref="AllowAnonymous"/>, taken apart.</summary>
    internal IReadOnlyList<string> AnonymousPaths =>
        AllowAnonymous?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
