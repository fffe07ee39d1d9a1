using System.Net;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Files;
using SmtpProxy.Tls;

namespace SmtpProxy.Configuration.Rules;

/// <summary>What the HTTP server's section (<c>Kestrel</c>) must be: nothing in it that the server would take no notice of, an end point at
/// least, each with a URL that can be listened on, and with https a certificate that can be used. Without an end point the server would
/// open a port that nobody asked for.</summary>
internal static class AdminRules
{
    private const string Endpoints = $"{Roots.Http}:Endpoints";
    private const string DefaultCertificate = $"{Roots.Http}:Certificates:Default";

    /// <summary>What is wrong.</summary>
    public static IEnumerable<Problem> Check(IConfigurationSection server)
    {
        var unknown = KnownSettings.Check(server, typeof(ServerSettings), Roots.Http).ToArray();
        return unknown.Length > 0 ? unknown.Select(Explain) : Check(server.Get<ServerSettings>() ?? new ServerSettings());
    }

    /// <summary>Where the end points listen, as far as they can.</summary>
    public static IEnumerable<(string Key, IPEndPoint Address)> Addresses(IConfigurationSection server)
    {
        foreach (var endpoint in server.GetSection("Endpoints").GetChildren())
        {
            if (endpoint["Url"] is { } text && ServerUrl.TryParse(text, out var url) is null)
            {
                yield return ($"{endpoint.Path}:Url", url!.Address);
            }
        }
    }

    private static Problem Explain(Problem problem) =>
        Roots.IsIn(problem.Key, $"{Roots.Http}:Limits")
            ? new Problem(problem.Key, $"{problem.Key} is not read: the bounds of the HTTP side are fixed; remove it")
        : problem.Key.Split(':') is [.., "Subject" or "Store" or "Location" or "AllowInvalid" or "Sni"]
            ? new Problem(problem.Key,
                $"{problem.Key} is not read: certificates come from files; write Certificate:Path and Certificate:KeyPath")
        : problem;

    private static IEnumerable<Problem> Check(ServerSettings server)
    {
        if (server.Endpoints.Count == 0)
        {
            yield return Problem.At($"{Endpoints}:Admin:Url", "missing; write where the admin side listens, such as http://127.0.0.1:9025");
        }

        var problems = server.Endpoints.SelectMany(e => CheckEndpoint($"{Endpoints}:{e.Key}", e.Value, server.Certificates.Default))
            .Concat(server.Certificates.Default == new HttpCertificate()
                ? [] : CheckCertificate(DefaultCertificate, server.Certificates.Default));
        foreach (var problem in problems)
        {
            yield return problem;
        }
    }

    private static IEnumerable<Problem> CheckEndpoint(string key, EndpointSettings endpoint, HttpCertificate fallback)
    {
        if (endpoint.Url.Length == 0)
        {
            return [Problem.At($"{key}:Url", "missing; write where it listens, such as http://127.0.0.1:9025")];
        }

        if (ServerUrl.TryParse(endpoint.Url, out var url) is { } problem)
        {
            return [Problem.At($"{key}:Url", problem)];
        }

        var none = new HttpCertificate();
        if (url!.IsHttps)
        {
            return endpoint.Certificate != none ? CheckCertificate($"{key}:Certificate", endpoint.Certificate)
                : fallback != none ? []
                : [Problem.At($"{key}:Certificate:Path",
                    $"missing: {endpoint.Url} needs a certificate; write the full paths of its PEM files as {key}:Certificate:Path and " +
                        $"{key}:Certificate:KeyPath, or write http://")];
        }

        (string Name, bool IsSet)[] forTls =
            [("Certificate", endpoint.Certificate != none), ("SslProtocols", endpoint.SslProtocols.Count > 0),
                ("ClientCertificateMode", endpoint.ClientCertificateMode is not null)];
        return forTls.Where(static s => s.IsSet)
            .Select(s => Problem.At($"{key}:{s.Name}", $"means something with https only; write {key}:Url=https://…, or remove it"));
    }

    private static IEnumerable<Problem> CheckCertificate(string key, HttpCertificate certificate)
    {
        if (certificate.Path.Length == 0)
        {
            return [Problem.At($"{key}:Path", "missing; write the full path of the certificate's PEM file, or of a PKCS #12 file")];
        }

        // The server would look for a relative path beside the program, and everything else here is looked for in the working directory.
        foreach (var (name, path) in new[] { ("Path", certificate.Path), ("KeyPath", certificate.KeyPath) })
        {
            if (path.Length > 0 && !Path.IsPathFullyQualified(path))
            {
                return [Problem.At($"{key}:{name}", $"'{path}' is no full path; write {Path.GetFullPath(path)}")];
            }
        }

        var isPem = certificate.KeyPath.Length > 0;
        if (!isPem && IsPem(certificate.Path))
        {
            return [Problem.At($"{key}:KeyPath",
                $"missing: {certificate.Path} is a PEM file; write the full path of the one with the private key, which may be the same")];
        }

        var files = isPem ? new CertificateFiles
            { Certificate = certificate.Path, Key = certificate.KeyPath, Password = certificate.Password }
            : new CertificateFiles { Pfx = certificate.Path, Password = certificate.Password };
        return CertificateLoader.TryLoad(files, out _) is { } wrong
            ? [Problem.At($"{key}:{(wrong.Setting == nameof(files.Key) ? "KeyPath" : "Path")}", wrong.Problem)]
            : [];
    }

    private static bool IsPem(string path)
    {
        try
        {
            return WholeFile.Text(path).Split('\n').Any(static line => line.StartsWith("-----BEGIN ", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Loading it says why.
            return false;
        }
    }
}
