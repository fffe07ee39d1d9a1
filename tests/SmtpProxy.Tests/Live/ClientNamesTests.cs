using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Live;

namespace SmtpProxy.Tests.Live;

public sealed class ClientNamesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<IPAddress> _asked = new();

    [Fact]
    public async Task Name_IsAskedForOnce_AndThenKnown_UntilItIsOld()
    {
        using var names = await StartAsync(static _ => "app1.example.org.");
        await NamedAsync(names, "192.0.2.7", "app1.example.org");
        Assert.Equal("app1.example.org", names.Of(IPAddress.Parse("192.0.2.7")));
        Assert.Single(_asked);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("app1.example.org", names.Of(IPAddress.Parse("192.0.2.7")));
        while (_asked.Count < 2)
        {
            await Task.Yield();
        }

        await names.StopAsync(default);
    }

    [Fact]
    public async Task Name_WhereNobodyAskedForNames_IsNotLookedUp()
    {
        using var names = await StartAsync(static _ => "app1.example.org", isOn: false);
        Assert.Null(names.Of(IPAddress.Parse("192.0.2.7")));
        await names.StopAsync(default);
        Assert.Empty(_asked);
    }

    /// <summary>Whoever has the address chooses the name.</summary>
    [Theory]
    [InlineData("<script>")]
    [InlineData("=cmd()")]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("192.0.2.7")]
    public async Task Name_ThatIsNoHosts_IsNone(string name)
    {
        using var names = await StartAsync(address => address.ToString() == "192.0.2.1" ? "last.example" : name);
        Assert.Null(names.Of(IPAddress.Parse("192.0.2.7")));
        await NamedAsync(names, "192.0.2.1", "last.example");
        Assert.Null(names.Known(IPAddress.Parse("192.0.2.7")));
        await names.StopAsync(default);
    }

    [Fact]
    public async Task Address_WithoutAName_DoesNotEndTheLookups()
    {
        using var names = await StartAsync(static address =>
            address.ToString() == "192.0.2.1" ? "last.example" : throw new SocketException((int)SocketError.HostNotFound));
        for (var n = 2; n < 20; n++)
        {
            Assert.Null(names.Of(new IPAddress([192, 0, 2, (byte)n])));
        }

        await NamedAsync(names, "192.0.2.1", "last.example");
        await names.StopAsync(default);
    }

    [Fact]
    public async Task Lookups_ThatHang_AreBounded()
    {
        var hanging = new TaskCompletionSource<string>();
        using var names = new ClientNames(new LiveOptions { ResolveClients = true }, (_, _) => hanging.Task, _time);
        await names.StartAsync(default);
        for (var n = 0; n < 10 * ClientNames.MostWaiting; n++)
        {
            Assert.Null(names.Of(new IPAddress([10, 0, (byte)(n >> 8), (byte)n])));
        }

        await names.StopAsync(default);
    }

    private async Task<ClientNames> StartAsync(Func<IPAddress, string> name, bool isOn = true)
    {
        var names = new ClientNames(new LiveOptions { ResolveClients = isOn }, (address, _) =>
        {
            _asked.Enqueue(address);
            return Task.FromResult(name(address));
        }, _time);
        await names.StartAsync(default);
        return names;
    }

    private static async Task NamedAsync(ClientNames names, string address, string name)
    {
        while (names.Of(IPAddress.Parse(address)) != name)
        {
            await Task.Yield();
        }
    }
}
