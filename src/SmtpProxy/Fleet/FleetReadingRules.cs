using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Admin.Fleet;
using SmtpProxy.Files;

namespace SmtpProxy.Fleet;

/// <summary>How the members read from each other's admin sides, by the settings.</summary>
internal static class FleetReadingRules
{
    private const string Section = FleetOptions.Section;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromSeconds(10);

    /// <summary>What is wrong, each with the key's full path and the remedy. No token is repeated.</summary>
    public static IEnumerable<string> Of(FleetOptions options)
    {
        if (options.AdminUrl is { Length: > 0 } url)
        {
            if (Address(url) is null)
            {
                yield return $"{Section}:{nameof(options.AdminUrl)}: is no address of an admin side; write such as http://192.0.2.1:9025, "
                    + "with a host, without a path, a query or a user";
            }
            else if (string.IsNullOrWhiteSpace(options.TokenFile))
            {
                yield return $"{Section}:{nameof(options.TokenFile)}: missing, and the others are told {nameof(options.AdminUrl)}; make a "
                    + "token with \"openssl rand -hex 32\", give every proxy of the fleet the file, and write its path";
            }
        }

        if (options.TokenFile is { Length: > 0 } file)
        {
            var token = FleetOptions.Secret(file);
            if (token is null || token.Length < FleetKey.Shortest || token.Any(static c => c is <= ' ' or > '~'))
            {
                yield return $"{Section}:{nameof(options.TokenFile)}: {file} cannot be read, or does not hold a token of at least "
                    + $"{FleetKey.Shortest} characters on one line; make one with \"openssl rand -hex 32\"";
            }
            else if (token == FleetOptions.Secret(options.KeyFile))
            {
                yield return $"{Section}:{nameof(options.TokenFile)}: holds the key of {nameof(options.KeyFile)}, which nobody may be "
                    + "sent; make a token with \"openssl rand -hex 32\"";
            }
        }

        if (options.AskTimeout < Shortest || options.AskTimeout > Longest)
        {
            yield return $"{Section}:{nameof(options.AskTimeout)}: {options.AskTimeout} is not from 00:00:00.100 to 00:00:10; write " +
                $"such as "
                + "00:00:02";
        }

        if (options.AdminCa is { Length: > 0 } ca && Trusted(ca) is not { Count: > 0 })
        {
            yield return $"{Section}:{nameof(options.AdminCa)}: {ca} is no PEM file with a certificate that can be read; write the path of "
                + "one, or leave it out where the system trusts who signs";
        }
    }

    /// <summary>What is wrong with it beside the token of the admin side, which may change things: every member gets the fleet's.</summary>
    public static IEnumerable<string> Beside(FleetOptions options, string? bearer)
    {
        if (options.IsOn && bearer is { Length: > 0 } && FleetOptions.Secret(options.TokenFile) == bearer)
        {
            yield return $"{Section}:{nameof(options.TokenFile)}: holds the token of SmtpProxy:Admin:BearerToken, which changes rules and "
                + "shows settings, and would be sent to every member; make another one with \"openssl rand -hex 32\"";
        }
    }

    /// <summary>The address of an admin side; null: it is none.</summary>
    public static Uri? Address(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Host.Length > 0
        && address.Port > 0 && address.UserInfo.Length == 0 && address.PathAndQuery == "/" && address.Fragment.Length == 0
        && !text!.Contains("//*", StringComparison.Ordinal) && !text.Contains("//+", StringComparison.Ordinal) ? address : null;

    /// <summary>What these settings come to; null: members do not read from each other.</summary>
    public static FleetReading? Reading(FleetOptions options) =>
        options.IsOn && FleetOptions.Secret(options.TokenFile) is { Length: > 0 } token
        ? new FleetReading(token, Trusted(options.AdminCa), options.AskTimeout) : null;

    private static X509Certificate2Collection? Trusted(string? file)
    {
        if (string.IsNullOrWhiteSpace(file))
        {
            return null;
        }

        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(WholeFile.Text(file));
            return all;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            return null;
        }
    }
}
