namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>Something that happened to a proxy, as its <c>/metrics</c> tell it: what they said before, and what they said after.</summary>
internal sealed record Scene(Scrape Before, Scrape After)
{
    /// <summary>The proxy as it is while nothing happens.</summary>
    public static Scene Still(Scrape scrape) => new(scrape, scrape);
}
