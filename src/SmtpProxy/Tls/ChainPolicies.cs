using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Tls;

/// <summary>How chains of certificates are built. Nothing is fetched for it: a mail proxy must not wait for, or tell, an
/// authority's web server.</summary>
internal static class ChainPolicies
{
    private static readonly Oid ServerUse = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientUse = new("1.3.6.1.5.5.7.3.2");

    /// <summary>For the certificate of a relay, or of a client.</summary>
    /// <param name="authorities">Who must have signed it; null: whom the system trusts.</param>
    /// <param name="ofClient">It is a client's.</param>
    public static X509ChainPolicy For(AuthorityFile? authorities, bool ofClient = false)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            ApplicationPolicy = { ofClient ? ClientUse : ServerUse },
        };
        if (authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities.Current);
        }

        return policy;
    }
}
