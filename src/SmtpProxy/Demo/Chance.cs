namespace SmtpProxy.Demo;

/// <summary>What one session draws by chance: its own sequence, so that what others draw meanwhile changes nothing.</summary>
internal sealed class Chance(int seed, long number)
{
    private static readonly string[] People = ["anna", "bo", "carla", "dmitri", "elif", "femi", "greta", "hiro", "ines", "jonas", "kavya",
        "liam"];
    private static readonly string[] Domains = ["example.org", "example.com", "example.net", "mail.example", "shop.example",
        "news.example"];
    private readonly Random _random = new(Mix(seed, number));

    /// <summary>A number from <paramref name="least"/> up to and without <paramref name="end"/>.</summary>
    public int Number(int least, int end) => _random.Next(least, end);

    /// <summary>A number in [0, 1).</summary>
    public double Share() => _random.NextDouble();

    /// <summary>A number whose magnitude is drawn: small ones are as likely as large ones, as with the sizes of mail.</summary>
    public int Magnitude(int least, int most) => (int)(least * Math.Pow((double)most / least, _random.NextDouble()));

    /// <summary>One of these.</summary>
    public T Of<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    /// <summary>An ordinary address.</summary>
    public string Address() => $"{Of(People)}.{Number(1, 500)}@{Of(Domains)}";

    /// <summary>An address that asks the relay for an answer (docs/sink.md).</summary>
    public string Asking(string answer) => $"{answer}@{Of(Domains)}";

    /// <summary>Octets of text, in lines.</summary>
    public string Text(int octets)
    {
        const int Line = 76;
        return string.Create(octets, _random.Next(26), static (text, start) =>
        {
            for (var n = 0; n < text.Length; n++)
            {
                var column = n % Line;
                text[n] = column == Line - 2 ? '\r' : column == Line - 1
                    ? '\n' : column % 7 == 6 ? ' ' : (char)('a' + ((start + (n * 5)) % 26));
            }

            // Half a line end would be something else.
            text[Math.Max(0, text.Length - 2)..].Fill('.');
        });
    }

    // Neighbouring numbers must not give neighbouring sequences (splitmix64's finisher).
    private static int Mix(int seed, long number)
    {
        var z = unchecked((ulong)number + ((ulong)(uint)seed << 32)) + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)(z ^ (z >> 31));
    }
}
