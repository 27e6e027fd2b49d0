using System.ComponentModel;

namespace Pipelines.Execution;

/// <summary>A windowed store, whatever the type of its states.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public abstract class WindowStoreBase : StoreBase
{
    private protected WindowStoreBase(uint id, string name, long sizeMs, long graceMs) : base(id, name)
    {
        SizeMs = sizeMs;
        GraceMs = graceMs;
    }

    /// <summary>The windows' size.</summary>
    public long SizeMs { get; }

    /// <summary>How long a window stays open after its end.</summary>
    public long GraceMs { get; }

    /// <summary>The key that the closing cursor stands on.</summary>
    public abstract ReadOnlySpan<byte> CurrentKey { get; }

    /// <summary>The stream time that closes the windows.</summary>
    internal TimeGroup Group { get; } = new();

    /// <summary>Appends the state that the closing cursor stands on; for dead letters.</summary>
    internal abstract void WriteCurrent(EncodeBuffer target);
}
