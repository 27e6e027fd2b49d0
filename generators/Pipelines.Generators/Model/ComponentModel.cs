namespace Pipelines.Generators.Model;

/// <summary>Detectors that wires connect, with everything resolved: what one generated task does.</summary>
/// <param name="Name">The detectors' names joined by plus signs.</param>
/// <param name="ClassName">The task's class.</param>
/// <param name="Inputs">What it reads; a position is an input's number.</param>
/// <param name="Outputs">What it writes; a position is an output's number.</param>
/// <param name="Stores">What it keeps; a position is a store's number.</param>
/// <param name="Wires">The wires inside it, upstream first.</param>
/// <param name="Handlers">What it calls; a position is a handler's number.</param>
/// <param name="Closes">The windowed stores in the order in which they close.</param>
/// <param name="CoPartitioned">Groups of inputs that need the same number of partitions.</param>
internal sealed record ComponentModel(
    string Name,
    string ClassName,
    EquatableArray<InputModel> Inputs,
    EquatableArray<OutputModel> Outputs,
    EquatableArray<StoreModel> Stores,
    EquatableArray<WireModel> Wires,
    EquatableArray<HandlerPlan> Handlers,
    EquatableArray<ClosePlan> Closes,
    EquatableArray<EquatableArray<int>> CoPartitioned);

/// <summary>What an input is; the names are those of <c>Pipelines.Topology.InputKind</c>.</summary>
internal enum InputKind
{
    /// <summary>Records that cross the broker.</summary>
    Topic,

    /// <summary>A table that rows are looked up in.</summary>
    Table,

    /// <summary>A topic of the deployment's own.</summary>
    Internal,
}

/// <summary>An input and what is done with each of its records.</summary>
/// <param name="Topic">The topic, or the last part of an internal one.</param>
/// <param name="Kind">Topic, table or internal.</param>
/// <param name="Record">The record type.</param>
/// <param name="Key">The members that are the key here.</param>
/// <param name="UsesKey">Somebody needs the key's bytes.</param>
/// <param name="Steps">What is done, in order.</param>
internal sealed record InputModel(
    string Topic,
    InputKind Kind,
    RecordReference Record,
    EquatableArray<KeyMember> Key,
    bool UsesKey,
    EquatableArray<StepModel> Steps);

/// <summary>A wire and what is done with each of its records.</summary>
/// <param name="Record">The record type.</param>
/// <param name="ChecksKey">A handler relies on the record's key being that of the record it stems from.</param>
/// <param name="UsesKey">Somebody needs the key's bytes.</param>
/// <param name="Steps">What is done, in order.</param>
internal sealed record WireModel(RecordReference Record, bool ChecksKey, bool UsesKey, EquatableArray<StepModel> Steps);

/// <summary>Calls a handler, or forwards the record to an internal topic on its behalf.</summary>
/// <param name="Handler">The handler's number.</param>
/// <param name="Forward">The output's number, or -1 for a call.</param>
internal sealed record StepModel(int Handler, int Forward);

/// <summary>An output.</summary>
/// <param name="Topic">The topic, or the last part of an internal one.</param>
/// <param name="IsInternal">Only this component reads it.</param>
/// <param name="Record">The record type.</param>
/// <param name="Key">The members that are the key there.</param>
/// <param name="TimeSources">Of an internal output, the inputs that its records stem from.</param>
internal sealed record OutputModel(
    string Topic,
    bool IsInternal,
    RecordReference Record,
    EquatableArray<KeyMember> Key,
    EquatableArray<TimeSourceModel> TimeSources);

/// <summary>An input whose time bounds an internal output, and how far behind it records may be.</summary>
internal sealed record TimeSourceModel(int Input, long LagMs);

/// <summary>A store.</summary>
/// <param name="Id">Its number in the changelog.</param>
/// <param name="Detector">The detector's name.</param>
/// <param name="Name">The parameter's name.</param>
/// <param name="State">What it keeps per key.</param>
/// <param name="Key">The key's members, named as the first handler names them.</param>
/// <param name="Window">The window; null when it has none.</param>
/// <param name="Inputs">The inputs that feed it.</param>
internal sealed record StoreModel(
    uint Id,
    string Detector,
    string Name,
    StateReference State,
    EquatableArray<KeyMember> Key,
    WindowModel? Window,
    EquatableArray<int> Inputs);

/// <summary>A handler with everything it takes resolved to numbers.</summary>
/// <param name="Detector">The detector.</param>
/// <param name="Handler">The handler as declared.</param>
/// <param name="Targets">Per parameter, the number of what it is given: store, output, wire (from -2 downwards), input, or key member; else -1.</param>
/// <param name="Late">The number of its [OnLate] handler, or -1.</param>
internal sealed record HandlerPlan(DetectorHeader Detector, HandlerModel Handler, EquatableArray<int> Targets, int Late)
{
    /// <summary>The wire that a target below -1 means.</summary>
    public static int WireOf(int target) => -2 - target;

    /// <summary>The target that means a wire.</summary>
    public static int TargetOf(int wire) => -2 - wire;
}

/// <summary>What a handler's plan says of its detector.</summary>
internal sealed record DetectorHeader(string TypeName, string FullName, string Name, bool IsStatic, string OnError, int Retries, long RetryDelayMs);

/// <summary>A windowed store that closes, and the [OnClose] handlers that are called for each of its keys.</summary>
internal sealed record ClosePlan(int Store, EquatableArray<int> Handlers);
