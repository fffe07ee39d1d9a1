using System.Text.Json;

namespace SmtpProxy.Faults.Presets;

/// <summary>The presets, from the data beside this file.</summary>
public static class PresetCatalogue
{
    /// <summary>All, in the order of the documentation.</summary>
    public static readonly IReadOnlyList<Preset> All = Read();

    /// <summary>The preset of this name; null: there is none.</summary>
    public static Preset? Find(string name) => All.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static Preset[] Read()
    {
        using var data = typeof(PresetCatalogue).Assembly.GetManifestResourceStream("SmtpProxy.Faults.Presets.presets.json")
            ?? throw new InvalidOperationException("The presets are missing from the assembly.");
        return JsonSerializer.Deserialize(data, PresetJson.Default.PresetArray)!;
    }
}
