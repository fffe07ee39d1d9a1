using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SmtpProxy.Telemetry.Export;
using SmtpProxy.Telemetry.Failures;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Records;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Tls;

namespace SmtpProxy.Telemetry;

/// <summary>Puts telemetry together: options, instruments, journal, and the OpenTelemetry SDK, whose types are
/// used in this file only.</summary>
public static class TelemetryRegistration
{
    /// <summary>Spans that may wait to be pushed.</summary>
    private const int SpansThatWait = 16_384;

    /// <summary>Meters of others that are exported too: the admin side's HTTP server, YARP with the client it
    /// forwards with, and the runtime.</summary>
    private static readonly string[] OtherMeters =
        ["Microsoft.AspNetCore.Server.Kestrel", "Yarp.ReverseProxy*", "System.Net.Http", "System.Runtime"];

    /// <summary>
    /// Adds <see cref="ITelemetry"/>, the journal's writer and the metrics that <c>MapPrometheusScrapingEndpoint</c> serves. Call it before
    /// whatever starts listeners: hosted services stop in reverse order, and the journal must outlive the sessions. Relays are shown when
    /// an <see cref="IUpstreamStates"/> is registered.
    /// </summary>
    public static IServiceCollection AddSmtpProxyTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<JournalOptions>().Bind(configuration.GetSection(JournalOptions.Section)).ValidateOnStart()
            .Validated(static o => o.Validate());
        services.AddOptions<PrivacyOptions>().Bind(configuration.GetSection(PrivacyOptions.Section)).ValidateOnStart()
            .Validated(static o => o.Validate());
        services.AddOptions<TelemetryOptions>().Bind(configuration.GetSection(TelemetryOptions.Section)).ValidateOnStart()
            .Validated(static o => o.Validate());
        services.AddMetrics();
        services.AddSingleton(static s => s.GetRequiredService<IMeterFactory>().Create(Instruments.MeterName));
        services.AddSingleton(static s => new Instruments(s.GetRequiredService<Meter>(), s.GetService<IUpstreamStates>(),
            areGathered: true));
        var sampler = StandardSampler.Read(configuration);
        services.AddSingleton(s => new SessionTracer(s.GetRequiredService<IOptions<TelemetryOptions>>().Value,
            s.GetRequiredService<Instruments>(), sampler));
        services.AddSingleton(static s =>
            new ProcessGauges(s.GetRequiredService<Meter>(), s.GetService<IUpstreamStates>(), TimeProvider.System));
        services.AddSingleton(static s =>
            new TlsInstruments(s.GetRequiredService<Meter>(), s.GetService<ServerCertificates>(), TimeProvider.System,
            s.GetRequiredService<Instruments>().Ways));
        services.AddSingleton(_ => new LivePrivacy(configuration));
        services.AddSingleton(static s => new OpenSessions(s.GetRequiredService<Meter>(), TimeProvider.System));
        services.AddHostedService(static s => new WaitWatch(s.GetRequiredService<OpenSessions>(), new WaitLog(
            s.GetRequiredService<IOptions<TelemetryOptions>>().Value.WaitWarning, s.GetRequiredService<ILogger<WaitLog>>(),
            TimeProvider.System), TimeProvider.System));
        services.AddSingleton<ITelemetry>(CreateTelemetry);
        var exports = new Exports(TimeProvider.System);
        services.AddHostedService(s => exports.Shown(s.GetRequiredService<Meter>(), s.GetRequiredService<ILogger<ExportLog>>()));
        if (configuration.GetSection(JournalOptions.Section).Get<JournalOptions>() is { IsOn: true } journal)
        {
            services.AddJournal(journal);
        }

        var limit = new SeriesLimit(configuration);
        var sdk = services.AddOpenTelemetry().ConfigureResource(Describe).WithMetrics(metrics => metrics
            .AddMeter(Instruments.MeterName)
            .AddMeter(OtherMeters)
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddView(instrument => new MetricStreamConfiguration
            {
                CardinalityLimit = instrument.Meter.Name == Instruments.MeterName ? limit.For(instrument.Name) : SeriesLimit.OfOthers,
            })
            .AddPrometheusExporter(static prometheus =>
            {
                prometheus.ScopeInfoEnabled = false;
                // Each scrape shows its own moment, not a cached one (the first scrape is made at start).
                prometheus.ScrapeResponseCacheDurationMilliseconds = 0;
            }));
        sdk.AddPush(configuration, exports);
        OtlpSignal.KeepSdk(configuration);
        return services;
    }

    /// <summary>Pushes what the standard variables ask for.</summary>
    private static void AddPush(this OpenTelemetryBuilder sdk, IConfiguration configuration, Exports exports)
    {
        if (new OtlpSignal(configuration, "TRACES") is { IsOn: true } traces)
        {
            // What is kept is decided here; the SDK exports all that it gets.
            sdk.WithTracing(tracing => tracing.AddSource(SessionTracer.SourceName).SetSampler(new AlwaysOnSampler()).AddOtlpExporter(o =>
            {
                Apply(traces, exports[ExportSignal.Traces], o);
                if (configuration["OTEL_BSP_MAX_QUEUE_SIZE"] is null)
                {
                    // Long sessions that end together hand over thousands of spans at once, and what does not
                    // fit is lost: the SDK holds 2,048.
                    o.BatchExportProcessorOptions.MaxQueueSize = SpansThatWait;
                }
            }));
        }

        if (new OtlpSignal(configuration, "METRICS") is { IsOn: true } metrics)
        {
            sdk.WithMetrics(metering => metering.AddOtlpExporter(o => Apply(metrics, exports[ExportSignal.Metrics], o)));
        }

        if (new OtlpSignal(configuration, "LOGS") is { IsOn: true } logs)
        {
            sdk.WithLogging(logging => logging.AddProcessor(new Naming()).AddOtlpExporter(o => Apply(logs, exports[ExportSignal.Logs], o)),
                static o => o.IncludeFormattedMessage = o.IncludeScopes = true);
        }
    }

    private static void Apply(OtlpSignal signal, ExportState state, OtlpExporterOptions options)
    {
        options.Protocol = signal.Protocol switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            _ => options.Protocol,
        };
        if (signal.Endpoint is { } endpoint)
        {
            // An endpoint of its own is used as it is; the SDK appends /v1/traces and the like to the common one.
            options.Endpoint = endpoint;
        }

        options.Headers = signal.Headers ?? options.Headers;
        state.Endpoint = options.Endpoint.Authority;
        var create = options.HttpClientFactory;
        options.HttpClientFactory = () => ExportHandler.Watch(state, create());
    }

    /// <summary>Who is speaking; <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> have the last word.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("smtpproxy", serviceVersion: typeof(TelemetryRegistration).Assembly.GetName().Version?.ToString(3))
        .AddEnvironmentVariableDetector();

    private static void AddJournal(this IServiceCollection services, JournalOptions options)
    {
        services.AddSingleton(s =>
        {
            var instruments = s.GetRequiredService<Instruments>();
            return new JournalQueue(options.QueueLength, options.MaxExchanges, () => instruments.JournalLost(1))
            {
                IsPerTransaction = options.IsPerTransaction,
                Cap = options.MaxPerSecond > 0 ? (options.MaxPerSecond, () => instruments.LimitHit("journal_rate")) : null,
            };
        });
        services.AddHostedService(static s => new JournalWriter(
            s.GetRequiredService<JournalQueue>(), s.GetRequiredService<IOptions<JournalOptions>>().Value.Path!,
            s.GetRequiredService<Instruments>().JournalLost,
            new JournalLog(s.GetRequiredService<ILogger<JournalWriter>>(), TimeProvider.System)));
    }

    private static ProxyTelemetry CreateTelemetry(IServiceProvider services)
    {
        var privacy = services.GetRequiredService<LivePrivacy>();
        return new ProxyTelemetry(services.GetRequiredService<Instruments>(), services.GetRequiredService<ProcessGauges>(),
            services.GetService<JournalQueue>(), () => privacy.Filter, TimeProvider.System,
            services.GetRequiredService<IOptions<TelemetryOptions>>().Value, services.GetRequiredService<SessionTracer>())
        {
            Tls = services.GetRequiredService<TlsInstruments>(),
            Sessions = services.GetRequiredService<OpenSessions>(),
            Keeper = services.GetService<IRecordKeeper>(),
            Handshakes = services.GetService<ILogger<HandshakeLog>>() is { } told ? new HandshakeLog(told, TimeProvider.System) : null,
            Failures = services.GetService<ILogger<FailureLog>>() is { } log ? new FailureLog(log, TimeProvider.System) : null,
        };
    }

    private static void Validated<TOptions>(this OptionsBuilder<TOptions> options, Func<TOptions, IEnumerable<string>> validate)
        where TOptions : class =>
        options.Services.AddSingleton<IValidateOptions<TOptions>>(new Validator<TOptions>(validate));

    /// <summary>Gives the values of a log entry their conventional names before it is pushed.</summary>
    private sealed class Naming : BaseProcessor<LogRecord>
    {
        public override void OnEnd(LogRecord data) =>
            data.Attributes = data.Attributes?.Select(static a => KeyValuePair.Create(LogAttributes.NameOf(a.Key), a.Value)).ToArray();
    }

    private sealed class Validator<TOptions>(Func<TOptions, IEnumerable<string>> validate) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) =>
            validate(options).ToArray() is { Length: > 0 } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
