namespace SmtpProxy.Fleet;

/// <summary>Who is in the fleet, as last heard. Thread-safe.</summary>
internal sealed class Members
{
    private volatile Member[] _all = [];
    private volatile int _strangers;

    /// <summary>All of them.</summary>
    public IReadOnlyList<Member> All => _all;

    /// <summary>How many there are, this proxy included.</summary>
    public int Count => Math.Max(1, _all.Length);

    /// <summary>How many others there are in the same place of Redis that have another key.</summary>
    public int Strangers => _strangers;

    /// <summary>Different configurations among them.</summary>
    public int Configurations => Different(static m => m.Report.Configuration);

    /// <summary>Different versions of the product among them.</summary>
    public int Versions => Different(static m => m.Report.Version);

    /// <summary>The beat heard of these.</summary>
    public void Heard(IEnumerable<Member> all, int strangers)
    {
        _strangers = strangers;
        _all = [.. all.OrderBy(static m => m.Report.Node, StringComparer.Ordinal).ThenBy(static m => m.Id, StringComparer.Ordinal)];
    }

    private int Different(Func<Member, string> what) => Math.Max(1, _all.Select(what).Distinct().Count());
}

/// <summary>A member.</summary>
/// <param name="Id">The process.</param>
/// <param name="HeardAt">When it was last heard of, by this machine's clock.</param>
/// <param name="Report">What it said.</param>
internal sealed record Member(string Id, DateTimeOffset HeardAt, MemberReport Report);
