using System.Text;
using SmtpProxy.Fleet;

namespace SmtpProxy.Tests.Fleet;

/// <summary>What a fleet keeps in Redis is read and written by its members only.</summary>
public sealed class FleetKeyTests
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes("client 192.0.2.7");

    [Fact]
    public void Seal_OfOneMember_IsOpenedByAnotherOfTheSameFleetOnly()
    {
        var text = new FleetKey("a secret of the fleet", "mail").Seal("halt", Text);
        Assert.Equal(Text, new FleetKey("a secret of the fleet", "mail").Open("halt", text));
        Assert.Null(new FleetKey("a secret of the fleet", "mail").Open("rules", text));
        Assert.Null(new FleetKey("a secret of the fleet", "other").Open("halt", text));
        Assert.Null(new FleetKey("another secret of it", "mail").Open("halt", text));
        Assert.DoesNotContain("192.0.2.7", Encoding.Latin1.GetString(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfAnythingThatWasChanged_IsNothing()
    {
        var key = new FleetKey("a secret of the fleet", "mail");
        var text = key.Seal("halt", Text);
        for (var octet = 0; octet < text.Length; octet++)
        {
            var changed = text.ToArray();
            changed[octet] ^= 1;
            Assert.Null(key.Open("halt", changed));
            Assert.Null(key.Open("halt", text.AsSpan(0, octet)));
        }
    }

    [Fact]
    public void NameOf_EqualThings_IsEqualInOneFleetOnly()
    {
        var key = new FleetKey("a secret of the fleet", "mail");
        Assert.Equal(key.NameOf("192.0.2.7"), new FleetKey("a secret of the fleet", "mail").NameOf("192.0.2.7"));
        Assert.NotEqual(key.NameOf("192.0.2.7"), key.NameOf("192.0.2.8"));
        Assert.NotEqual(key.NameOf("192.0.2.7"), new FleetKey("a secret of the fleet", "other").NameOf("192.0.2.7"));
    }
}
