using Pipelines.Generators.Model;

namespace Pipelines.Protocol.Generators.Model;

/// <summary>One schema file as plain values: an API with its request and response, or data that is not sent as a message of its own.</summary>
/// <param name="Name">The API's name, or the data's.</param>
/// <param name="Key">The API key, or -1 for data.</param>
/// <param name="About">What it is for, in a sentence.</param>
/// <param name="Versions">The versions that the schema describes.</param>
/// <param name="FlexibleFrom">The first version with compact lengths and tagged fields.</param>
/// <param name="Served">The versions that our broker serves; empty when it does not serve the API.</param>
/// <param name="Advertised">The versions that ApiVersions names; wider than what is served where old clients read features out of them.</param>
/// <param name="Parts">Request and response, or the data.</param>
internal sealed record MessageModel(
    string Name, int Key, string About, VersionRange Versions, int FlexibleFrom, VersionRange Served, VersionRange Advertised, EquatableArray<StructModel> Parts);

/// <summary>A structure: the class that is generated for it.</summary>
/// <param name="Name">The class.</param>
/// <param name="Versions">The versions in which it occurs.</param>
/// <param name="Fields">Its fields, in the order of the wire.</param>
/// <param name="Nested">The structures declared for its fields, and those that several of its fields share; only on the outermost.</param>
internal sealed record StructModel(string Name, VersionRange Versions, EquatableArray<FieldModel> Fields, EquatableArray<StructModel> Nested);

/// <summary>A field.</summary>
/// <param name="Name">The property.</param>
/// <param name="Type">A primitive's name, or a structure's.</param>
/// <param name="IsArray">True for an array of the type.</param>
/// <param name="IsStruct">True when the type is a structure.</param>
/// <param name="Versions">The versions in which it is sent.</param>
/// <param name="Nullable">The versions in which it may be null.</param>
/// <param name="Tag">Its tag in the section of tagged fields, or -1.</param>
/// <param name="Default">The default as written, or null for the type's own.</param>
/// <param name="IsIgnorable">True when it is left out silently in versions that cannot carry it.</param>
/// <param name="IsKey">True when it identifies its element.</param>
internal sealed record FieldModel(
    string Name, string Type, bool IsArray, bool IsStruct, VersionRange Versions, VersionRange Nullable, int Tag, string? Default, bool IsIgnorable, bool IsKey);
