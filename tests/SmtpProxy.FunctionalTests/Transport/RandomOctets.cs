namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>Octets of every value in no order, the same in every run.</summary>
internal static class RandomOctets
{
    /// <summary>So many of them; another seed gives others.</summary>
    public static byte[] Of(int count, int seed = 1)
    {
        var octets = new byte[count];
        new Random(seed).NextBytes(octets);
        return octets;
    }
}
