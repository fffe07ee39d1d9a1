using System.Reflection;

namespace SmtpProxy.Admin.Requests;

/// <summary>The version of the product.</summary>
internal static class ProductVersion
{
    /// <summary>As it is shown: without what it was built from.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
