namespace SmtpProxy.Transport;

/// <summary>A listener could not be opened. The message names the address and the cause.</summary>
public sealed class TransportException(string message, Exception? inner = null) : Exception(message, inner);
