using System.Runtime.CompilerServices;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Sessions.Pipeline;

/// <summary>Something of each leg, by <see cref="Leg"/>, within its owner: an array would cost every session an object more.</summary>
[InlineArray(2)]
internal struct OfLegs<T>
{
    private T _first;
}
