namespace Pipelines.Protocol.Generators.Parsing;

/// <summary>A schema file that cannot be read.</summary>
internal sealed class SchemaException(int line, string message) : Exception(message)
{
    /// <summary>The line, from 0.</summary>
    public int Line { get; } = line;
}
