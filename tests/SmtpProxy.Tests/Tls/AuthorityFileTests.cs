using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Tls;

/// <summary>Who may be believed, while the file that names them changes. Whatever looks at files in this process looks at these
/// too.</summary>
public sealed class AuthorityFileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public void File_ThatChanges_IsTakenByTheNextHandshake()
    {
        var file = AuthorityFile.Of(_made.Ca);
        var first = Assert.Single(file.Current).Thumbprint;
        File.Copy(_made.OtherCa, file.FilePath, overwrite: true);
        Assert.NotEqual(first, Assert.Single(file.Current).Thumbprint);
    }

    /// <summary>The last good one counts from the start on, and not from the first handshake on.</summary>
    [Theory]
    [InlineData("", "holds no certificate")]
    [InlineData("no PEM at all", "holds no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "cannot be used")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMII", "begins 1 certificates, of which 0 can be read")]
    [InlineData(null, "there is no file")]
    public void File_ThatBreaks_LeavesWhoWasBelieved_AndIsToldOnce(string? content, string problem)
    {
        var file = AuthorityFile.Of(_made.Ca);
        File.Delete(file.FilePath);
        if (content is not null)
        {
            File.WriteAllText(file.FilePath, content);
        }

        Assert.Single(file.Current);
        Assert.Contains(problem, Problem(file), StringComparison.Ordinal);
        var reads = file.Told.Reads;
        file.Look(Patience);
        Assert.Equal((reads, 1), (file.Told.Reads, file.Told.Certificates));
        Assert.Single(file.Current);
    }

    /// <summary>One authority of two is not who was meant.</summary>
    [Theory]
    [InlineData(20)]
    [InlineData(-40)]
    public void File_OfWhichOneCertificateIsDamaged_IsNotTakenByHalf(int at)
    {
        var (one, two) = (File.ReadAllText(_made.Ca), File.ReadAllText(_made.OtherCa));
        // In its first line; or it is cut.
        var damaged = at > 0 ? two.Insert(two.IndexOf('\n', StringComparison.Ordinal) + at, "*") : two[..^-at];
        var path = _made.Write("both.pem", one + "\n" + damaged);
        Assert.Contains("begins 2 certificates, of which 1 can be read", AuthorityFile.TryLoad(path, out _), StringComparison.Ordinal);
        Assert.Null(AuthorityFile.TryLoad(_made.Write("good.pem", one + "\n" + two), out var both));
        Assert.Equal(2, both.Count);
    }

    /// <summary>A handshake is on the loop of other sessions.</summary>
    [Fact]
    public void Pipe_InItsPlace_IsNotWaitedForByAHandshake()
    {
        var file = AuthorityFile.Of(_made.Ca);
        File.Delete(file.FilePath);
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using (var made = Process.Start("mkfifo", [file.FilePath]))
        {
            made.WaitForExit();
        }

        Assert.Single(file.Current);
        // Whoever has patience tells of it.
        Assert.Contains("did not end", Problem(file), StringComparison.Ordinal);
        Assert.Single(file.Current);
    }

    /// <summary>What was told of it; somebody else in this process may just be reading it.</summary>
    private static string? Problem(AuthorityFile file)
    {
        SpinWait.SpinUntil(() =>
        {
            file.Look(Patience);
            return file.Told.Problem is not null;
        });
        return file.Told.Problem;
    }

    [Fact]
    public void Path_ThatSomebodyGoesBy_IsOneFile()
    {
        var file = AuthorityFile.Of(_made.Ca);
        Assert.Same(file, AuthorityFile.Of(Path.Combine(_made.Path, ".", "ca.pem")));
        Assert.Contains(file, AuthorityFile.All);
    }
}
