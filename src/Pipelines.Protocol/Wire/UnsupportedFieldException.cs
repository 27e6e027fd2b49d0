namespace Pipelines.Protocol.Wire;

/// <summary>A field is set that the version of the message cannot carry.</summary>
public sealed class UnsupportedFieldException(string field, short version)
    : Exception($"Field '{field}' cannot be sent in version {version}. Leave it at its default, or use a version that has it.");
