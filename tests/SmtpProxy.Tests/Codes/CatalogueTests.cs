using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Tests.Codes;

public sealed class CatalogueTests
{
    /// <summary>RFC 5321 4.2.2, 4.2.3 and the extensions.</summary>
    public static TheoryData<int> OfTheStandards =>
    [
        211, 214, 220, 221, 235, 250, 251, 252, 334, 354, 421, 450, 451, 452, 454, 455, 500, 501, 502, 503, 504, 521, 530, 534, 535, 538,
        550, 551,
        552, 553, 554, 555, 556,
    ];

    [Fact]
    public void Replies_AllOfThem_AreWholeAndOnce()
    {
        var operations = Enum.GetValues<Operation>().Select(WireNames.Of).ToHashSet();
        Assert.Equal(Catalogue.Replies.Select(static r => r.Code).Order(), Catalogue.Replies.Select(static r => r.Code));
        Assert.All(Catalogue.Replies, reply =>
        {
            Assert.All((string[])[reply.Name, reply.Meaning, reply.Next, reply.Remedy, reply.Source],
                static text => Assert.False(string.IsNullOrWhiteSpace(text)));
            Assert.NotEmpty(reply.Causes);
            Assert.All(reply.In, operation => Assert.Contains(operation, operations));
        });
    }

    [Theory]
    [MemberData(nameof(OfTheStandards))]
    public void Reply_OfTheStandards_IsThere(int code) => Assert.NotNull(Catalogue.Reply(code));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 10)]
    [InlineData(2, 4)]
    [InlineData(3, 6)]
    [InlineData(4, 7)]
    [InlineData(5, 6)]
    [InlineData(6, 10)]
    [InlineData(7, 30)]
    public void EnhancedCodes_OfTheRegistry_AreThere(int subject, int last) => Assert.Equal(
        Enumerable.Range(0, last + 1).Select(detail => $"X.{subject}.{detail}"),
        Catalogue.EnhancedCodes.Select(static e => e.Code).Where(code => code.StartsWith($"X.{subject}.", StringComparison.Ordinal)));

    [Fact]
    public void EnhancedCodes_AllOfThem_AreWholeAndOnce()
    {
        Assert.Equal(8, Catalogue.Subjects.Count());
        Assert.Equal(Catalogue.EnhancedCodes.Select(static e => e.Code).Distinct(), Catalogue.EnhancedCodes.Select(static e => e.Code));
        Assert.All(Catalogue.EnhancedCodes, static entry =>
        {
            Assert.True(EnhancedCode.Read(System.Text.Encoding.ASCII.GetBytes(entry.Code.Replace('X', '5'))).IsPresent);
            Assert.All((string[])[entry.Name, entry.Meaning, entry.Remedy, entry.Source],
                static text => Assert.False(string.IsNullOrWhiteSpace(text)));
        });
    }

    [Theory]
    [InlineData("354", 354, null, "354")]
    [InlineData("5.7.1", null, "5.7.1", "5.7.1")]
    [InlineData("550 5.1.1 <x@example.org>: no such user", 550, "5.1.1", "550 5.1.1")]
    [InlineData("  421-4.3.2 going down ", 421, "4.3.2", "421 4.3.2")]
    [InlineData("299 odd", 299, null, "299")]
    public void Find_WhatPeopleType_IsUnderstood(string text, int? code, string? enhanced, string title)
    {
        var answer = Catalogue.Find(text);

        Assert.NotNull(answer);
        Assert.Equal((code, enhanced, title), (answer.Code, answer.EnhancedCode, answer.Title));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("35")]
    [InlineData("999 no")]
    [InlineData("9.1.1")]
    public void Find_NoCode_IsNothing(string text) => Assert.Null(Catalogue.Find(text));

    [Fact]
    public void Text_TwoCodes_StandSideBySideWithWhatTellsThemApart()
    {
        var text = CodeText.Render([Catalogue.Find("220")!, Catalogue.Find("354")!], 100);

        Assert.Contains("220 is positive completion, 354 is positive intermediate.", text, StringComparison.Ordinal);
        Assert.Matches("name +Service ready +Start mail input", text);
        Assert.All(text.Split('\n'), static line => Assert.InRange(line.Length, 0, 102));
    }

    [Fact]
    public void Documentation_IsTheData()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Codes", "codes.md"));
        Assert.Equal(CodesPage.Render().ReplaceLineEndings("\n"), page.ReplaceLineEndings("\n"));
    }
}
