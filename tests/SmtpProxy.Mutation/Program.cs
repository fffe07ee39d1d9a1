using SmtpProxy.Mutation;

// SmtpProxy.Mutation PROJECT [--in FOLDER]... [--sample FRACTION] [--seed N] [--minutes N] [--workers N] [--again] [--report];
// see tests/README.md
return args is ["--host", ..] ? TestHost.Serve(args[1..]) : await MutationRun.GoAsync(args);
