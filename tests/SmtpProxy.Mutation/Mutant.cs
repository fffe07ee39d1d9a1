using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SmtpProxy.Mutation;

/// <summary>One small mistake, put into the product on purpose.</summary>
/// <param name="Number">What switches it on; from 1.</param>
/// <param name="File">The source file, from the project's folder.</param>
/// <param name="Line">The line in the source, from 1.</param>
/// <param name="Member">The member that it is in.</param>
/// <param name="Kind">What sort of mistake.</param>
/// <param name="Was">The source as it is.</param>
/// <param name="Becomes">What is run instead.</param>
/// <param name="Key">Names it as long as its member stays as it is.</param>
internal sealed record Mutant(int Number, string File, int Line, string Member, string Kind, string Was, string Becomes, string Key)
{
    /// <summary>The folder that its score counts for.</summary>
    public string Folder => Path.GetDirectoryName(File) is { Length: > 0 } folder ? folder : ".";

    /// <summary>Where it lies among all, from 0 to 1: by its name, so that it stays there while others come and go.</summary>
    public double Place => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(Key))) / (uint.MaxValue + 1.0);

    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line} {Member} [{Kind}] {Was} -> {Becomes}";
}
