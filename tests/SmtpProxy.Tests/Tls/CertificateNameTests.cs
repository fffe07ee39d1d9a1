using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Tls;

public sealed class CertificateNameTests
{
    [Theory]
    [InlineData("CN=mx.example", "CN=mx.example")]
    [InlineData("CN=mx.example, O=Example", "CN=mx.example, O=Example")]
    [InlineData("CN=alice@example.com", "CN=(address)")]
    [InlineData("CN=alice\uFF20example.com", "CN=(address)")]
    [InlineData("E=alice@example.com, CN=mx.example", "CN=mx.example")]
    [InlineData("E=alice@example.com", "(name not shown)")]
    [InlineData("CN=\"mx\u001b[31m\u202e\u0085\"", "CN=mx?[31m??")]
    public void Name_OfAPeer_IsShownWithoutAddresses_AndPrintable(string subject, string shown) =>
        Assert.Equal(shown, CertificateName.Of(new X500DistinguishedName(subject)));

    [Fact]
    public void Name_ThatIsLong_IsCut() =>
        Assert.Equal("CN=" + new string('x', 64) + "...", CertificateName.Of(new X500DistinguishedName("CN=" + new string('x', 2000))));

    [Fact]
    public void Name_ThatIsNone_IsNotShown() =>
        Assert.Equal("(name not shown)",
            CertificateName.Of(new X500DistinguishedName(new byte[] { 0x30, 0x05, 0x31, 0x09, 0x01, 0x02, 0x03 })));
}
