using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging.Console;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Cli.Output;

/// <summary>The log: one line for each entry, on standard error, because standard output belongs to the ready lines and the journal.
/// </summary>
internal static class StandardErrorLog
{
    /// <summary>Adds it. <c>Logging:LogLevel</c> sets levels; frameworks speak up from warnings on.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The options have plain properties only.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "The options have plain properties only.")]
    public static void AddStandardErrorLog(this ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Yarp", LogLevel.Warning);
        // YARP brings it along; nothing here is protected by its keys.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.None);
        // What keeps the host from starting is told once, in words.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddConsole(console => console.FormatterName = LogForms.Of(configuration) switch
        {
            LogForm.Json => JsonFormatter.FormatterName,
            LogForm.Ecs => EcsFormatter.FormatterName,
            _ => PrintableFormatter.FormatterName,
        });
        logging.AddConsoleFormatter<PrintableFormatter, ConsoleFormatterOptions>();
        logging.AddConsoleFormatter<JsonFormatter, ConsoleFormatterOptions>();
        logging.AddConsoleFormatter<EcsFormatter, ConsoleFormatterOptions>();
        logging.Services.Configure<ConsoleLoggerOptions>(static console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            // Where nobody takes the log, mail must not wait for it. How many entries were left out is said once somebody does.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
    }
}
