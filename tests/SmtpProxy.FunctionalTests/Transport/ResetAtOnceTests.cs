using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>A relay that accepts and resets at once was connected, whether the reset comes before or after the transport sees that it is:
/// both transports say the same of it, however fast the relay is.</summary>
public sealed class ResetAtOnceTests : IDisposable
{
    private const int Waves = 20;
    private const int AtOnce = 20;
    private readonly Socket _relay = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ResetAtOnceTests()
    {
        _relay.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _relay.Listen(1024);
    }

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var transport in Transports.Names)
            {
                all.Add(transport, "");
                all.Add(transport, "554 no\r\n");
            }

            return all;
        }
    }

    public void Dispose() => _relay.Dispose();

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Dial_RelayAcceptsAndResetsAtOnce_IsConnected_AndItsEndIsAReset(string transport, string says)
    {
        ArgumentNullException.ThrowIfNull(says);
        await using var rig = new Rig(transport,
            session => session.Target = new DialTarget(_relay.LocalEndPoint!, TimeSpan.FromSeconds(20)));
        new Thread(() => AcceptAndReset(Encoding.ASCII.GetBytes(says))) { IsBackground = true }.Start();
        for (var wave = 0; wave < Waves; wave++)
        {
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => rig.Connect()));
            for (var n = 0; n < AtOnce; n++)
            {
                var session = await rig.Session();
                await session.Log.Until(static events => events is [.., "Closed"] or [_, not "Dialled Connected", ..],
                    "a reset, or a dial that failed");
                Assert.Equal(["Accepted", "Dialled Connected", "Ended Relay Reset", "Closed"],
                    session.Log.Events.Where(static e => !e.StartsWith("Received", StringComparison.Ordinal)));
                Assert.Equal(says.Length, session.ReceivedFrom(Leg.Relay));
            }
        }
    }

    private void AcceptAndReset(byte[] says)
    {
        try
        {
            while (true)
            {
                using var session = _relay.Accept();
                session.Send(says);
                session.LingerState = new LingerOption(true, 0);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
