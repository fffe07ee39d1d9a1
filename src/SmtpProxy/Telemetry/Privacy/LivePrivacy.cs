using Microsoft.Extensions.Primitives;

namespace SmtpProxy.Telemetry.Privacy;

/// <summary>The privacy level as it is configured now. A reload that does not validate changes nothing.</summary>
internal sealed class LivePrivacy : IDisposable
{
    private readonly IDisposable _subscription;
    private volatile AddressFilter _filter;

    public LivePrivacy(IConfiguration configuration)
    {
        _filter = Bind(configuration).ToFilter();
        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, Reload, configuration);
    }

    /// <summary>The filter of the present level.</summary>
    public AddressFilter Filter => _filter;

    public void Dispose() => _subscription.Dispose();

    private static PrivacyOptions Bind(IConfiguration configuration) =>
        configuration.GetSection(PrivacyOptions.Section).Get<PrivacyOptions>() ?? new PrivacyOptions();

    private void Reload(IConfiguration configuration)
    {
        var changed = Bind(configuration);
        if (!changed.Validate().Any())
        {
            _filter = changed.ToFilter();
        }
    }
}
