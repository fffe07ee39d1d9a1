namespace SmtpProxy.Admin.Requests;

/// <summary>Marks a page that needs something else of browsers than the others do.</summary>
/// <param name="Text">Its Content-Security-Policy.</param>
internal sealed record OwnPolicy(string Text);
