namespace Pipelines.Execution;

/// <summary>Where a store writes the changes of an epoch, one call per changed key.</summary>
internal abstract class ChangelogSink
{
    internal abstract void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    internal abstract void Delete(ReadOnlySpan<byte> key);
}
