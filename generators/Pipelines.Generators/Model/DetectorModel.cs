namespace Pipelines.Generators.Model;

/// <summary>One [Detector] class as plain values; no symbol, node or location.</summary>
/// <param name="TypeName">The class with the <c>global::</c> prefix.</param>
/// <param name="FullName">The class without it.</param>
/// <param name="Name">The detector's name.</param>
/// <param name="IsStatic">False when the task makes an instance.</param>
/// <param name="OnError">The name of the <c>OnError</c> value.</param>
/// <param name="Retries">Tries after the first.</param>
/// <param name="RetryDelayMs">Milliseconds between tries.</param>
/// <param name="IsBroken">Something about it is an error, so no code is made for it.</param>
/// <param name="Handlers">In declaration order.</param>
internal sealed record DetectorModel(
    string TypeName,
    string FullName,
    string Name,
    bool IsStatic,
    string OnError,
    int Retries,
    long RetryDelayMs,
    bool IsBroken,
    EquatableArray<HandlerModel> Handlers);

/// <summary>When a handler is called.</summary>
internal enum HandlerKind
{
    /// <summary>Once per record.</summary>
    Record,

    /// <summary>Once per key of a window that closes.</summary>
    Close,

    /// <summary>In place of a windowed handler, for a record behind its window's grace.</summary>
    Late,
}

/// <summary>One handler.</summary>
/// <param name="Name">The method's name.</param>
/// <param name="Kind">When it is called.</param>
/// <param name="Input">What it reacts to; null for [OnClose].</param>
/// <param name="KeyBy">The members of [KeyBy]; empty without it.</param>
/// <param name="Window">[Tumbling]; null without it.</param>
/// <param name="Parameters">All parameters in order, the first record among them.</param>
internal sealed record HandlerModel(
    string Name,
    HandlerKind Kind,
    RecordReference? Input,
    EquatableArray<KeyMember> KeyBy,
    WindowModel? Window,
    EquatableArray<ParameterModel> Parameters)
{
    /// <summary>True when both react to the same record under the same key.</summary>
    public bool HasSameInput(HandlerModel other) =>
        Input is not null && other.Input is not null && Input.TypeName == other.Input.TypeName && KeyBy.Equals(other.KeyBy);

    /// <summary>Of [OnClose]: true when it may be called for the window of <paramref name="windowed"/>: it takes a state of it, or none.</summary>
    public bool Closes(HandlerModel windowed)
    {
        bool takesState = false;
        foreach (ParameterModel parameter in Parameters)
        {
            if (parameter.Kind != ParameterKind.ClosedState) continue;
            takesState = true;
            foreach (ParameterModel state in windowed.Parameters)
            {
                if (state.Kind == ParameterKind.State && state.Name == parameter.Name) return true;
            }
        }

        return !takesState;
    }

    /// <summary>True when the handler itself asks for something by the record's key.</summary>
    public bool TakesKeyed
    {
        get
        {
            foreach (ParameterModel parameter in Parameters)
            {
                if (parameter.Kind is ParameterKind.State or ParameterKind.Lookup) return true;
            }

            return false;
        }
    }
}

/// <summary>A tumbling window.</summary>
/// <param name="SizeMs">Its length in milliseconds.</param>
/// <param name="GraceMs">How long it stays open after its end, in milliseconds.</param>
internal sealed record WindowModel(long SizeMs, long GraceMs);

/// <summary>What a parameter of a handler asks for.</summary>
internal enum ParameterKind
{
    /// <summary>The record handled.</summary>
    Record,

    /// <summary><c>ref T</c>: the state of the key.</summary>
    State,

    /// <summary><c>in T</c> of [OnClose], by the store's name.</summary>
    ClosedState,

    /// <summary>A member of the key, of [OnClose].</summary>
    Key,

    /// <summary><c>Emit&lt;T&gt;</c>.</summary>
    Emit,

    /// <summary><c>Window</c>.</summary>
    Window,

    /// <summary><c>RecordInfo</c>.</summary>
    Info,

    /// <summary><c>DetectorClock</c>.</summary>
    Clock,

    /// <summary>A table's row by the record's key.</summary>
    Lookup,
}

/// <summary>One parameter of a handler.</summary>
/// <param name="Kind">What it asks for.</param>
/// <param name="Name">Its name.</param>
/// <param name="TypeName">Its type with <c>global::</c> prefixes, without a nullable's question mark.</param>
/// <param name="IsIn">Passed by <c>in</c>.</param>
/// <param name="IsNullable">A look-up that may find no row.</param>
/// <param name="Record">The record of an <c>Emit</c> or a look-up.</param>
/// <param name="State">The state of a <c>ref</c>.</param>
internal sealed record ParameterModel(
    ParameterKind Kind,
    string Name,
    string TypeName,
    bool IsIn,
    bool IsNullable,
    RecordReference? Record,
    StateReference? State);

/// <summary>A state type: its codec and what changes when it does.</summary>
/// <param name="TypeName">The type with <c>global::</c> prefixes.</param>
/// <param name="DisplayName">The type in C# words.</param>
/// <param name="Codec">The struct that writes and reads it.</param>
/// <param name="Fingerprint">Changes when the type's members change.</param>
internal sealed record StateReference(string TypeName, string DisplayName, string Codec, string Fingerprint);
