using System.Text.Json;
using System.Text.Json.Serialization;
using SmtpProxy.Admin.Requests;

namespace SmtpProxy.Cli.Output;

/// <summary>A configuration that can be used.</summary>
/// <param name="Good">It can.</param>
/// <param name="Problems">None.</param>
/// <param name="Environment">The environment's name.</param>
/// <param name="Listeners">What would listen.</param>
/// <param name="Sink">Where the embedded relay would be; null: nowhere.</param>
/// <param name="Http">Where the HTTP side would be.</param>
/// <param name="Journal">Where the journal would go; null: nowhere.</param>
/// <param name="Addresses">How much of addresses would be shown.</param>
/// <param name="Transport">By what octets would be moved.</param>
/// <param name="Warnings">What somebody should know.</param>
/// <param name="Relays">What the relays answered; null: they were not asked.</param>
/// <param name="Settings">Every setting.</param>
/// <param name="Files">The files that were read.</param>
/// <param name="Ignored">Sections of files that are somebody else's.</param>
internal sealed record CheckAnswer(
    bool Good, IReadOnlyList<string> Problems, string Environment, IEnumerable<CheckedListener> Listeners, string? Sink,
    IEnumerable<CheckedUrl> Http, string? Journal, string Addresses, string Transport, IEnumerable<string> Warnings,
    IEnumerable<CheckedRelay>? Relays, IReadOnlyList<ShownSetting> Settings, IReadOnlyList<string> Files, IReadOnlyList<string> Ignored);

/// <summary>One that cannot.</summary>
/// <param name="Good">It cannot.</param>
/// <param name="Problems">What is wrong, each with its key and the remedy.</param>
internal sealed record CheckRefusal(bool Good, IEnumerable<string> Problems);

/// <summary>A listener.</summary>
internal sealed record CheckedListener(string Name, string Address, string Cluster, string Tls,
    IEnumerable<CheckedCertificate> Certificates, IEnumerable<CheckedAddress> Relays);

/// <summary>A certificate of a listener; it has no names and no end where it cannot be loaded.</summary>
internal sealed record CheckedCertificate(string Name, IReadOnlyList<string> Names, DateTimeOffset? Expires);

/// <summary>A relay as it is configured.</summary>
internal sealed record CheckedAddress(string Name, string? Address);

/// <summary>An endpoint of the HTTP side.</summary>
internal sealed record CheckedUrl(string Name, string? Url);

/// <summary>What a relay answered.</summary>
internal sealed record CheckedRelay(
    string Cluster, string Destination, string Address, bool Serves, string? Failure, double? Took, string? Greeting,
    IReadOnlyList<string>? Capabilities, string? Tls, DateTimeOffset? CertificateExpires, bool TrustsHost, bool LacksXClient);

/// <summary>Writes them, made by the compiler.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CheckAnswer))]
[JsonSerializable(typeof(CheckRefusal))]
internal sealed partial class CheckAnswerJson : JsonSerializerContext;
