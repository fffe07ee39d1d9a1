using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Epoll;
using SmtpProxy.Transport.Epoll.Legs;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Tests.Transport.Resources;

public sealed class ShortageTests
{
    [Theory]
    [InlineData(Errno.FilesFull, SocketError.TooManyOpenSockets, Shortage.Descriptors)]
    [InlineData(Errno.SystemFilesFull, SocketError.TooManyOpenSockets, Shortage.Descriptors)]
    [InlineData(Errno.NoBuffers, SocketError.NoBufferSpaceAvailable, Shortage.Memory)]
    [InlineData(Errno.NoMemory, SocketError.NoBufferSpaceAvailable, Shortage.Memory)]
    [InlineData(Errno.AddressNotAvailable, SocketError.AddressNotAvailable, Shortage.Ports)]
    [InlineData(Errno.AccessDenied, SocketError.AccessDenied, Shortage.Permission)]
    [InlineData(Errno.NotPermitted, SocketError.AccessDenied, Shortage.Permission)]
    public void Error_OfThisMachine_IsToldApart_OnBothTransports(int errno, SocketError error, Shortage shortage)
    {
        Assert.Equal((DialOutcome.NotDialled, shortage), (Dialler.Failure(errno).Outcome, Dialler.Failure(errno).Shortage));
        Assert.Equal(shortage, Shortages.Of(error));
    }

    [Theory]
    [InlineData(Errno.Refused, SocketError.ConnectionRefused, DialOutcome.Refused)]
    [InlineData(Errno.TimedOut, SocketError.TimedOut, DialOutcome.TimedOut)]
    [InlineData(Errno.HostUnreachable, SocketError.HostUnreachable, DialOutcome.Unreachable)]
    [InlineData(Errno.NetworkUnreachable, SocketError.NetworkUnreachable, DialOutcome.Unreachable)]
    [InlineData(Errno.ConnectionReset, SocketError.ConnectionReset, DialOutcome.Failed)]
    public void Error_OfThePeerOrTheNetwork_StaysWhatItWas(int errno, SocketError error, DialOutcome outcome)
    {
        Assert.Equal((outcome, Shortage.None), (Dialler.Failure(errno).Outcome, Dialler.Failure(errno).Shortage));
        Assert.Equal(Shortage.None, Shortages.Of(error));
    }
}
