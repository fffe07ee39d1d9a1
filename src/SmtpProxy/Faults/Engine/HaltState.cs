namespace SmtpProxy.Faults.Engine;

/// <summary>Why, since when and by whom faults are halted.</summary>
/// <param name="Reason">Why, in words.</param>
/// <param name="Since">When.</param>
/// <param name="By">api, file, automatic, or fleet: another proxy.</param>
public sealed record HaltState(string Reason, DateTimeOffset Since, string By);
