namespace SmtpProxy.Transport.Epoll;

/// <summary>What another thread asks of a loop: a signal for a pair, or something to run.</summary>
internal readonly record struct LoopMessage(EpollPair? Pair, int Signal, Action? Action);
