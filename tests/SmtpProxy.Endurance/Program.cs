using SmtpProxy.Endurance;
using SmtpProxy.Endurance.Attacks;
using SmtpProxy.Endurance.Soaking;

// dotnet run -c Release --project tests/SmtpProxy.Endurance -- COMMAND [NAME=VALUE...]; docs/reliability.md has what it was used for.
var arguments = new Arguments(args);
switch (args.FirstOrDefault())
{
    case "soak":
        return await Soak.RunAsync(arguments).ConfigureAwait(false);
    case "hostile":
        return await Hostile.RunAsync(arguments).ConfigureAwait(false);
    case "restart":
        return await Restarts.RunAsync(arguments).ConfigureAwait(false);
    case "rolling":
        return await Rolling.RunAsync(arguments).ConfigureAwait(false);
    case "scale":
        return await Scale.RunAsync(arguments).ConfigureAwait(false);
    default:
        Console.Error.WriteLine("""
            soak     minutes=60 rate=10 seed=1     a mixed run: sender, proxy and relay counted; levels of memory that must stand
                     leak=OCTETS native=OCTETS     what is made to leak with each session: the run must end with NOT GOOD
            hostile  seconds=8 rate=40 only=NAME cores=own|shared
                                           attacks, and what honest sessions take of the proxy meanwhile
            restart  seconds=60 rate=40 seed=1     two proxies on one port, killed and restarted under load; nothing lost, nothing doubled
            rolling  rounds=2 rate=40 delay=2      three proxies behind HAProxy, upgraded one by one; each message arrives once
            scale    proxies=1 relays=1 idle=2000  what each takes: processor time a session, memory, series of metrics
            all:     transport=Auto program=PATH   the product; built with: dotnet build src/SmtpProxy -c Release
            """);
        return 2;
}
