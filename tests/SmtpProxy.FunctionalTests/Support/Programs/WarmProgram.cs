using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmtpProxy.FunctionalTests.Support.Programs;
using SmtpProxy.Sessions;

/// <summary>What the runtime calls in the program's process before the program itself:
/// <c>DOTNET_STARTUP_HOOKS</c> names this assembly.</summary>
internal static class StartupHook
{
    /// <summary>Called by the runtime. Does not return.</summary>
    public static void Initialize() => WarmProgram.Serve();
}

namespace SmtpProxy.FunctionalTests.Support.Programs
{
    /// <summary>The other end of <see cref="WarmProcess"/>: runs the program as often as standard input says so.</summary>
    internal sealed class WarmProgram : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
        private readonly BlockingCollection<string> _runs = [];
        private volatile IHost? _host;

        /// <summary>Runs the program until nobody wants it any more, and ends the process then.</summary>
        public static void Serve()
        {
            var self = new WarmProgram();
            using var hosts = DiagnosticListener.AllListeners.Subscribe(self);
            new Thread(self.Listen) { IsBackground = true }.Start();
            var program = Assembly.Load(new AssemblyName("SmtpProxy")).EntryPoint!;
            foreach (var line in self._runs.GetConsumingEnumerable())
            {
                self.Run(program, line);
            }

            Environment.Exit(0);
        }

        void IObserver<DiagnosticListener>.OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                value.Subscribe(this);
            }
        }

        void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilt", Value: IHost host })
            {
                _host = host;
            }
        }

        void IObserver<DiagnosticListener>.OnCompleted()
        {
        }

        void IObserver<DiagnosticListener>.OnError(Exception error)
        {
        }

        void IObserver<KeyValuePair<string, object?>>.OnCompleted()
        {
        }

        void IObserver<KeyValuePair<string, object?>>.OnError(Exception error)
        {
        }

        private void Listen()
        {
            using var input = new StreamReader(Console.OpenStandardInput());
            while (input.ReadLine() is { } line)
            {
                if (line == WarmLine.Stop)
                {
                    _ = StopAsync();
                }
                else
                {
                    _runs.Add(line);
                }
            }

            // The tests are over, or have died.
            Environment.Exit(0);
        }

        private void Run(MethodInfo program, string line)
        {
            var (folder, environment, arguments) = WarmLine.ReadRun(line);
            var before = environment.Keys.ToDictionary(static name => name, Environment.GetEnvironmentVariable);
            Set(environment!);
            Directory.SetCurrentDirectory(folder);
            var code = (int)program.Invoke(null, [arguments])!;
            _host = null;
            Directory.SetCurrentDirectory(Path.GetTempPath());
            Set(before);
            Console.Out.WriteLine(WarmLine.End(code));
            Console.Error.WriteLine(WarmLine.End(code));
        }

        /// <summary>Ends the proxy that runs, and its sessions with it: nobody is there any more.</summary>
        private async Task StopAsync()
        {
            try
            {
                if (_host is { } host)
                {
                    await host.Services.GetRequiredService<SessionHost>().DrainAsync(TimeSpan.Zero).WaitAsync(Patience)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
                }
            }
            catch (ObjectDisposedException)
            {
                // It ended meanwhile.
            }
        }

        private static void Set(Dictionary<string, string?> variables)
        {
            foreach (var (name, value) in variables)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }
}
