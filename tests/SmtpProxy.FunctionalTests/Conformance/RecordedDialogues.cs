namespace SmtpProxy.FunctionalTests.Conformance;

/// <summary>The recorded dialogues, each whole and in small pieces.</summary>
public static class RecordedDialogues
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Dialogues");

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.json").Select(static path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal);

    /// <summary>Name, and whether its payloads are sent whole.</summary>
    public static TheoryData<string, bool> All
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var name in Names)
            {
                data.Add(name, true);
                data.Add(name, false);
            }

            return data;
        }
    }

    /// <summary>Where it is.</summary>
    public static string PathOf(string name) => Path.Combine(Folder, name + ".json");
}

/// <summary>Which transport a class of tests is about.</summary>
public interface ITransportName
{
    /// <summary>As in <c>SmtpProxy:Transport</c>.</summary>
    static abstract string Name { get; }

    /// <summary>More arguments of the proxy.</summary>
    static virtual string[] More => [];
}

/// <summary>With faults enabled, and rules at every point of which none ever matches.</summary>
public sealed class IdleFaultsName : ITransportName
{
    private static readonly string[] Points = ["connect", "dial", "greeting", "ehlo", "helo", "starttls", "auth", "authStep", "mail",
        "rcpt", "data", "dataBody", "endOfData", "bdat", "rset", "noop", "quit", "anyCommand"];

    public static string Name => EpollName.Name;

    public static string[] More =>
    [
        "--SmtpProxy:Faults:Enabled=true",
        .. Points.SelectMany(static point => new[]
        {
            $"--SmtpProxy:Faults:Rules:idle-{point}:At={point}",
            $"--SmtpProxy:Faults:Rules:idle-{point}:Match:ClientCidr=192.0.2.0/24",
            $"--SmtpProxy:Faults:Rules:idle-{point}:Action:Type=delay",
            $"--SmtpProxy:Faults:Rules:idle-{point}:Action:Duration=00:00:01",
        }),
    ];
}

/// <summary>Epoll, where there is one.</summary>
public sealed class EpollName : ITransportName
{
    public static string Name => OperatingSystem.IsLinux() ? "Epoll" : "Auto";
}

/// <summary>Portable.</summary>
public sealed class PortableName : ITransportName
{
    public static string Name => "Portable";
}
