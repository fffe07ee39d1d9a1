namespace SmtpProxy.Admin.Requests;

/// <summary>Marks an endpoint that is served without the token, though there is one: it must hold nothing that is not in the
/// source of this program.</summary>
internal sealed class ServedToAnybody;
