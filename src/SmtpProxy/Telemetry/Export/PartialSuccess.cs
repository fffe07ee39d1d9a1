namespace SmtpProxy.Telemetry.Export;

/// <summary>Reads how many items a collector refused although it answered with success: <c>partial_success</c>, field 1 of the responses of
/// all signals, and in it field 1, the number (OTLP 1.x, "Partial Success").</summary>
internal static class PartialSuccess
{
    private const int GrpcPrefix = 5;
    private const int Varint = 0;
    private const int Delimited = 2;

    /// <summary>Returns the number; 0 where the response names none, or is none.</summary>
    /// <param name="body">The response's body.</param>
    /// <param name="isGrpc">Whether it is framed as gRPC does.</param>
    public static long Rejected(ReadOnlySpan<byte> body, bool isGrpc)
    {
        if (isGrpc)
        {
            body = body.Length > GrpcPrefix && body[0] == 0 ? body[GrpcPrefix..] : [];
        }

        return TryField(body, Delimited, out var partial, out _) && TryField(partial, Varint, out _, out var rejected)
            ? Math.Max(0, rejected) : 0;
    }

    /// <summary>Finds field 1 where it comes first, as protobuf writes it.</summary>
    private static bool TryField(ReadOnlySpan<byte> message, int type, out ReadOnlySpan<byte> content, out long value)
    {
        content = [];
        value = 0;
        if (message.IsEmpty || message[0] != ((1 << 3) | type))
        {
            return false;
        }

        message = message[1..];
        for (var shift = 0; ; shift += 7)
        {
            if (message.IsEmpty || shift > 63)
            {
                return false;
            }

            var octet = message[0];
            message = message[1..];
            value |= (long)(octet & 0x7f) << shift;
            if (octet < 0x80)
            {
                break;
            }
        }

        if (type == Delimited && (value < 0 || value > message.Length))
        {
            return false;
        }

        content = type == Delimited ? message[..(int)value] : [];
        return true;
    }
}
