namespace SmtpProxy.Admin.Requests;

/// <summary>A setting as it stands.</summary>
/// <param name="Key">The full path of its key.</param>
/// <param name="Value">The value; null: it is a secret, or there is none.</param>
/// <param name="Source">Where it was said; <c>default</c>: nowhere.</param>
/// <param name="Secret">Whether it is a secret, which nothing shows.</param>
public sealed record ShownSetting(string Key, string? Value, string Source, bool Secret);
