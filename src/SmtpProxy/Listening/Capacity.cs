using SmtpProxy.Configuration.Schema;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Listening;

/// <summary>Holds the sessions that the configuration allows against the files that the process may open, and keeps some of these
/// back for everything else.</summary>
internal sealed partial class Capacity(ConnectionBudget budget, ILogger<Capacity> log)
{
    /// <summary>With fewer than this it is not worth starting.</summary>
    private const int Fewest = 8;

    /// <summary>Connections that the HTTP side may have at once: half of what is kept from sessions; null: as many as it likes.</summary>
    public static int? ForHttp => OpenFiles.Limit is { } limit ? OpenFiles.Kept(limit) / 2 : null;

    /// <summary>Sessions for which there are descriptors; 0 = as many as you like.</summary>
    public int Sessions { get; private set; }

    /// <summary>Sets what connections may have. To be called when all but the listeners is open.</summary>
    /// <param name="wanted">Sessions that the configuration allows; 0 = no cap.</param>
    /// <param name="isDefault">Nobody asked for so many.</param>
    /// <param name="listeners">Listeners that are to be opened.</param>
    /// <exception cref="ConfigurationException">The process may open too few files to be of any use.</exception>
    public void Settle(int wanted, bool isDefault, int listeners)
    {
        if (OpenFiles.Limit is not { } limit)
        {
            return;
        }

        var others = OpenFiles.Count + listeners + OpenFiles.Kept(limit);
        if (limit - others < Fewest * ListenOptions.PerSession)
        {
            throw new ConfigurationException([Problem.At("LimitNOFILE",
                $"{limit} open files are too few: {others} are needed before the first session, and two more for each. Raise " +
                    $"LimitNOFILE (systemd), --ulimit nofile (containers) or ulimit -n to 1024 or more")]);
        }

        budget.Capacity = limit - others;
        Sessions = budget.Capacity / ListenOptions.PerSession;
        if (wanted == 0)
        {
            LogUncapped(Sessions, limit);
        }
        else if (wanted > Sessions && isDefault)
        {
            var need = Need(wanted);
            LogDefault(Sessions, limit, wanted, need);
        }
        else if (wanted > Sessions)
        {
            LogUnreachable(wanted, limit, Sessions, Need(wanted));
        }
    }

    /// <summary>The limit with which so many sessions are possible, rounded up.</summary>
    private static int Need(int sessions)
    {
        const int Step = 1000;
        var least = (long)(sessions * ListenOptions.PerSession) + OpenFiles.Count;
        while (least - OpenFiles.Count - OpenFiles.Kept((int)least) < (long)sessions * ListenOptions.PerSession)
        {
            least += Step;
        }

        return (int)((least + Step - 1) / Step * Step);
    }

    [LoggerMessage(EventId = 112, Level = LogLevel.Warning, Message =
        "SmtpProxy:Limits:MaxSessions is {Wanted}, but {Limit} open files are enough for {Sessions} sessions; whoever comes then is " +
            "answered 421. Set LimitNOFILE={Need} (systemd), --ulimit nofile={Need} (containers) or ulimit -n {Need}, or lower " +
                "MaxSessions")]
    private partial void LogUnreachable(int wanted, int limit, int sessions, int need);

    [LoggerMessage(EventId = 115, Level = LogLevel.Information, Message =
        "{Limit} open files are enough for {Sessions} sessions; for the {Wanted} that SmtpProxy:Limits:MaxSessions allows unless it is " +
            "set, LimitNOFILE={Need} (systemd), --ulimit nofile={Need} (containers) or ulimit -n {Need} is needed")]
    private partial void LogDefault(int sessions, int limit, int wanted, int need);

    [LoggerMessage(EventId = 113, Level = LogLevel.Information,
        Message = "Sessions have no cap; {Limit} open files are enough for {Sessions}")]
    private partial void LogUncapped(int sessions, int limit);
}
