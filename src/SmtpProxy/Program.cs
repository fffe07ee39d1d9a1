using SmtpProxy;
using SmtpProxy.Cli;
using SmtpProxy.Cli.Help;
using SmtpProxy.Transport.Resources;

if (FilesToStart.AreMissing())
{
    return ExitCode.Refused;
}

return await CommandTree.RunAsync(args, static configuration => Composition.Compose(configuration, takesSignals: true));
