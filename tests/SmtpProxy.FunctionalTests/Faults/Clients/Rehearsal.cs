namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>A preset, and how senders are put before it.</summary>
internal sealed record Rehearsal
{
    /// <summary>The preset's name.</summary>
    public required string Preset { get; init; }

    /// <summary>What of the preset, or what is different about it: behind the name in the heading; null: as it is.</summary>
    public string? Variant { get; init; }

    /// <summary>The only one of its rules that is armed; null: all.</summary>
    public string? Rule { get; init; }

    /// <summary>Members that are set, as JSON; null: none.</summary>
    public string? Set { get; init; }

    /// <summary>What its times are multiplied by.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether clients' timeouts are multiplied as well: where the fault is slowness.</summary>
    public bool ScalesLimits { get; init; }

    /// <summary>Ways to use TLS that are tried, where the library has them.</summary>
    public IReadOnlyList<TlsWish> Tls { get; init; } = [TlsWish.None];

    /// <summary>Whether the client is asked to keep its connection, where that is an option.</summary>
    public bool Keep { get; init; }

    /// <summary>How many recipients a message has.</summary>
    public int Recipients { get; init; } = 1;

    /// <summary>Size of the body, in octets.</summary>
    public int Octets { get; init; } = 160;

    /// <summary>What happens before the try that is reported.</summary>
    public Func<Cell, Task> Before { get; init; } = static _ => Task.CompletedTask;

    /// <summary>What happens before it is tried again, in words and in fact; null: it is not.</summary>
    public (string Words, Func<Cell, Task> Wait)? Again { get; init; } = ("at once", static _ => Task.CompletedTask);

    /// <summary>What a sender must do about it.</summary>
    public required string Must { get; init; }

    /// <summary>Preset and variant.</summary>
    public string Title => Variant is null ? Preset : $"{Preset}: {Variant}";
}
