using Pipelines.Execution;

namespace Pipelines.Topology;

/// <summary>A store: keyed state of one handler parameter, kept per task.</summary>
/// <param name="Id">Names the store in the changelog; drawn from detector and name, so it stays when others come and go. Never 0.</param>
/// <param name="Name">The parameter's name.</param>
/// <param name="Detector">The detector's name.</param>
/// <param name="Type">The state's type in C# words.</param>
/// <param name="Key">The key members' types joined by commas.</param>
/// <param name="Fingerprint">Changes when the state's type changes.</param>
/// <param name="WindowMs">The window's size; 0 when the state is not windowed.</param>
/// <param name="GraceMs">How long a window stays open after its end.</param>
/// <param name="Inputs">The inputs that feed the store; the least of their times closes its windows.</param>
public sealed record StoreDefinition(
    uint Id,
    string Name,
    string Detector,
    string Type,
    string Key,
    string Fingerprint,
    long WindowMs,
    long GraceMs,
    IReadOnlyList<int> Inputs);

/// <summary>A handler and its error contract.</summary>
/// <param name="Detector">The detector's name.</param>
/// <param name="Name">The method's name.</param>
/// <param name="OnError">What happens to a record that it throws on.</param>
/// <param name="Retries">How often the record is handled again under <see cref="OnError.Retry"/>.</param>
/// <param name="RetryDelayMs">The time between tries.</param>
public sealed record HandlerDefinition(string Detector, string Name, OnError OnError, int Retries, long RetryDelayMs);

/// <summary>Detectors of one assembly that wires connect: what runs as one loop per partition.</summary>
/// <param name="Name">The detectors' names joined by plus signs.</param>
/// <param name="Inputs">What it reads.</param>
/// <param name="Outputs">What it writes.</param>
/// <param name="Stores">What it keeps.</param>
/// <param name="Handlers">What it calls.</param>
/// <param name="CoPartitioned">Groups of input indexes that must have the same number of partitions.</param>
/// <param name="Create">Makes the component's task for one partition.</param>
public sealed record ComponentDefinition(
    string Name,
    IReadOnlyList<InputDefinition> Inputs,
    IReadOnlyList<OutputDefinition> Outputs,
    IReadOnlyList<StoreDefinition> Stores,
    IReadOnlyList<HandlerDefinition> Handlers,
    IReadOnlyList<IReadOnlyList<int>> CoPartitioned,
    Func<TaskContext, DetectorTask> Create);
