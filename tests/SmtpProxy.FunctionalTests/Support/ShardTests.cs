using System.Reflection;

namespace SmtpProxy.FunctionalTests.Support;

public sealed class ShardTests
{
    /// <summary>Names as the framework gives them, of everything that is here.</summary>
    private static readonly string[] All =
        [.. from type in typeof(ShardTests).Assembly.GetTypes()
            where type.Name.EndsWith("Tests", StringComparison.Ordinal) && !type.IsAbstract
            select type.GetCustomAttributesData().Where(static a => a.AttributeType == typeof(CollectionAttribute))
                .Select(static a => (string)a.ConstructorArguments[0].Value!).SingleOrDefault() ?? $"Test collection for {type.FullName}"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Pick_OfAllParts_HasEachCollectionOnce(int of)
    {
        var parts = Enumerable.Range(1, of).Select(place => new Shard(place, of).Pick(All)).ToArray();

        Assert.Equal(All.Distinct().Order(), parts.SelectMany(static p => p).Order());
        var seconds = parts.Select(static p => p.Sum(SlowestFirst.SecondsOf)).ToArray();
        // No part has more than another by more than what is in one piece.
        Assert.True(seconds.Max() - seconds.Min() <= All.Max(SlowestFirst.SecondsOf), string.Join(", ", seconds));
    }

    [Theory]
    [InlineData(null, 1, 1)]
    [InlineData("", 1, 1)]
    [InlineData("1/1", 1, 1)]
    [InlineData("2/3", 2, 3)]
    [InlineData("12/12", 12, 12)]
    public void Parse_OfAPart_SaysWhich(string? text, int place, int of) => Assert.Equal(new(place, of), Shard.Parse(text));

    [Theory]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("3")]
    [InlineData("1/3/3")]
    [InlineData("-1/3")]
    [InlineData(" 1/3")]
    [InlineData("a/b")]
    public void Parse_OfNoPart_IsRefused(string text) => Assert.Contains($"SMTPPROXY_SHARD={text}",
        Assert.Throws<FormatException>(() => Shard.Parse(text)).Message, StringComparison.Ordinal);
}
