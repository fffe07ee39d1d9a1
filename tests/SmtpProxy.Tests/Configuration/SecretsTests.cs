using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Tests.Configuration;

public sealed class SecretsTests
{
    /// <summary>People forget to escape an @: what is after it is as much of the password.</summary>
    [Theory]
    [InlineData("http://me:p@ss@collector.example:4318/v1", "http://********@collector.example:4318/v1")]
    [InlineData("http://me:pass@collector.example", "http://********@collector.example")]
    [InlineData("http://collector.example/a@b", "http://collector.example/a@b")]
    [InlineData("http://a:b@one.example http://c:d@two.example", "http://********@one.example http://********@two.example")]
    public void Url_LosesAllOfItsPassword(string url, string shown) => Assert.Equal(shown, Secrets.WithoutPassword(url));
}
