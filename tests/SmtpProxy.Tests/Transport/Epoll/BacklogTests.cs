using CsCheck;
using SmtpProxy.Transport.Epoll;
using SmtpProxy.Transport.Epoll.Legs;

namespace SmtpProxy.Tests.Transport.Epoll;

public sealed class BacklogTests
{
    [Fact]
    public void Backlog_AnyAppendsAndConsumes_KeepsTheOctetsInOrder() =>
        Gen.Select(Gen.Int[1, 9000], Gen.Int[0, 100]).List[0, 60].Sample(steps =>
        {
            var backlog = new Backlog();
            var expected = new List<byte>();
            byte next = 0;
            foreach (var (size, percent) in steps)
            {
                var octets = Enumerable.Range(0, size).Select(_ => next++).ToArray();
                backlog.Append(octets);
                expected.AddRange(octets);
                var consumed = expected.Count * percent / 100;
                backlog.Consume(consumed);
                expected.RemoveRange(0, consumed);
                if (backlog.Length != expected.Count || !backlog.Octets.SequenceEqual(expected.ToArray()))
                {
                    return false;
                }
            }

            backlog.Clear();
            return backlog.Length == 0 && backlog.Octets.IsEmpty;
        });

    [Fact]
    public void Append_AfterClear_BeginsAnew()
    {
        var backlog = new Backlog();
        backlog.Append("old"u8);
        backlog.Clear();
        backlog.Append("new"u8);
        Assert.True(backlog.Octets.SequenceEqual("new"u8));
    }
}
