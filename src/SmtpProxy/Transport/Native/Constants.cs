using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Native;

/// <summary>Bits of epoll.</summary>
internal static class Epoll
{
    internal const uint In = 0x1;
    internal const uint Out = 0x4;
    internal const uint Error = 0x8;
    internal const uint HangUp = 0x10;
    internal const uint ReadHangUp = 0x2000;
    internal const uint Exclusive = 1u << 28;
    internal const uint EdgeTriggered = 1u << 31;

    internal const int Add = 1;
    internal const int Delete = 2;
    internal const int CloseOnExec = 0x80000;
}

/// <summary>Numbers of the socket interface; the same on x64 and arm64.</summary>
internal static class SocketConstants
{
    internal const int FamilyUnix = 1;
    internal const int FamilyInet = 2;
    internal const int FamilyInet6 = 10;

    internal const int Stream = 1;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;

    internal const int LevelSocket = 1;
    internal const int ReuseAddress = 2;
    internal const int PendingError = 4;
    internal const int ReusePort = 15;
    internal const int AcceptsConnections = 30;
    internal const int TimestampNanoseconds = 35;
    internal const int Linger = 13;
    internal const int LevelTcp = 6;
    internal const int NoDelay = 1;
    internal const int LevelInet = 0;
    internal const int InetTransparent = 19;
    internal const int BindAddressNoPort = 24;
    internal const int LevelInet6 = 41;
    internal const int Inet6Transparent = 75;
    internal const int Inet6Only = 26;

    internal const int GetFlags = 3;
    internal const int SetFlags = 4;
    internal const int SetDescriptorFlags = 2;
    internal const int DescriptorCloseOnExec = 1;

    internal const int NoSignal = 0x4000;
    internal const int Peek = 0x2;

    internal const int ShutWrite = 1;
    internal const int ShutBoth = 2;
}

/// <summary>Numbers for pipes and splice.</summary>
internal static class PipeConstants
{
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;
    internal const int SetSize = 1031;

    internal const uint SpliceMove = 1;
    internal const uint SpliceNonBlocking = 2;
}

/// <summary>Numbers of getrlimit.</summary>
internal static class LimitConstants
{
    internal const int OpenFiles = 7;
}
