namespace SmtpProxy.Configuration.Sources;

/// <summary>One value of one source.</summary>
/// <param name="Key">The full path of the key, with colons.</param>
/// <param name="Value">The value; null takes away what lower sources have at the key and below it.</param>
/// <param name="Origin">Where it was said, for people to read.</param>
internal readonly record struct Setting(string Key, string? Value, SettingOrigin Origin);
