namespace SmtpProxy.FunctionalTests.Support.Programs;

/// <summary>One run of the program, from its arguments to its exit code.</summary>
internal interface IProgramRun : IAsyncDisposable
{
    /// <summary>The process that it runs in.</summary>
    int Id { get; }

    /// <summary>Lines of standard output.</summary>
    OutputLines Output { get; }

    /// <summary>Lines of standard error.</summary>
    OutputLines Errors { get; }

    /// <summary>Its exit code, once it has ended and all that it wrote has been read.</summary>
    Task<int> Exit { get; }
}
