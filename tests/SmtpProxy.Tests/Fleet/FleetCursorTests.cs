using SmtpProxy.Admin.Fleet;

namespace SmtpProxy.Tests.Fleet;

/// <summary>How far somebody has read at each member.</summary>
public sealed class FleetCursorTests
{
    private static readonly FleetPeer A = new("a", "node-a", true, null), B = new("b", "node-b", false, null);

    [Fact]
    public void After_AMemberThatDidNotAnswer_StaysWhereItWas()
    {
        var next = FleetCursor.Read(FleetCursor.First.After([A, B], new Dictionary<string, string?> { ["a"] = "f-7" })!)!;
        Assert.Equal("f-7", next.Of(A));
        Assert.Null(next.Of(B));
        Assert.True(next.HasMore(B));
        next = FleetCursor.Read(next.After([A, B], new Dictionary<string, string?> { ["a"] = null, ["b"] = "f-3" })!)!;
        Assert.False(next.HasMore(A));
        Assert.Equal("f-3", next.Of(B));
        // Of those that answer none has more.
        Assert.Null(next.After([A, B], new Dictionary<string, string?> { ["b"] = null }));
    }

    [Fact]
    public void Gone_AMemberThatIsNotThereAnyMore_IsNamedAndANewOneIsNotAsked()
    {
        var next = FleetCursor.Read(FleetCursor.First.After([A], new Dictionary<string, string?> { ["a"] = "f-7" })!)!;
        Assert.Equal(["a"], next.Gone([B]));
        Assert.False(next.HasMore(B));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("bnVsbA")]
    [InlineData("eyJhIjoiLi4veCJ9")]
    [InlineData("eyJhIjpudWxsfQ")]
    public void Read_WhatIsNoCursor_IsRefused(string text) => Assert.Null(FleetCursor.Read(text));
}
