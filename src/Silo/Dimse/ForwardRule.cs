using SecureStore.Grains.Studies;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Dimse;

/// <summary>A child of Dimse:Forward: what peers store is sent on to a destination.</summary>
/// <param name="To">A peer with a <see cref="DimsePeer.Destination"/>.</param>
/// <param name="From">AE titles of senders; all peers where there is none.</param>
/// <param name="Modalities">Modality (0008,0060); all where there is none.</param>
internal sealed record ForwardRule(DimsePeer To, IReadOnlyList<string> From, IReadOnlyList<string> Modalities)
{
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static ForwardRule Read(IConfigurationSection rule, IReadOnlyList<DimsePeer> peers)
    {
        if (rule.GetChildren().FirstOrDefault(one => !(one.Key.ToUpperInvariant() is "TO" or "FROM" or "MODALITIES")) is { } unknown)
        {
            throw new SettingException($"{unknown.Path} is not a setting that exists.");
        }

        var to = peers.FirstOrDefault(peer => peer.AeTitle == rule["To"] && peer.Destination is not null)
            ?? throw new SettingException($"{rule.Path}:To must be the AE title of a peer that has Host and Port.");
        var from = List(rule, "From");
        return from.FirstOrDefault(title => !peers.Any(peer => peer.AeTitle == title)) is { } stranger
            ? throw new SettingException($"{rule.Path}:From: {stranger} is no peer in Dimse:Peers.")
            : new(to, from, List(rule, "Modalities"));
    }

    /// <summary>Nothing goes back to where it came from.</summary>
    public bool Takes(string sender, StoreResult instance) =>
        sender != To.AeTitle && (From.Count == 0 || From.Contains(sender)) && (Modalities.Count == 0 || Modalities.Contains(instance.Modality));

    /// <summary>A list in the form of one value would be no list, and everything would be sent.</summary>
    private static List<string> List(IConfigurationSection rule, string name) =>
        rule[name] is { } value ? throw new SettingException($"{rule.Path}:{name} is a list: {rule.Path}:{name}:0={value}.")
        : [.. rule.GetSection(name).GetChildren().Select(one => one.Value is { Length: > 0 } text ? text : throw new SettingException($"{one.Path} is empty."))];
}
