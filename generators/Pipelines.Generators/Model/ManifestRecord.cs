namespace Pipelines.Generators.Model;

/// <summary>A record type as the manifest tells it.</summary>
/// <param name="TypeName">The type with the <c>global::</c> prefix.</param>
/// <param name="FullName">The type without it.</param>
/// <param name="Kind">Topic, table or wire, in lower case.</param>
/// <param name="Topic">The topic's name; empty for a wire.</param>
/// <param name="Format">How the value is written.</param>
/// <param name="Fingerprint">Changes when the schema does.</param>
/// <param name="Members">In declaration order.</param>
internal sealed record ManifestRecord(
    string TypeName,
    string FullName,
    string Kind,
    string Topic,
    string Format,
    string Fingerprint,
    EquatableArray<ManifestMember> Members);

/// <summary>A member as the manifest tells it.</summary>
internal sealed record ManifestMember(string Name, string Type, bool IsKey, bool IsEventTime);
