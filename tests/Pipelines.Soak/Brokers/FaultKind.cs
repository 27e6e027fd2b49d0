namespace Pipelines.Soak.Brokers;

/// <summary>Where a fault can be injected.</summary>
[Flags]
internal enum Places
{
    /// <summary>At the program, on a real folder.</summary>
    Process = 1,

    /// <summary>At the broker in this process, on a simulated disk.</summary>
    Simulated = 2,

    /// <summary>At both.</summary>
    Both = Process | Simulated,
}

/// <summary>One kind of fault.</summary>
/// <param name="Number">Its number in the list of faults: 2 for F2.</param>
/// <param name="Name">What happens.</param>
/// <param name="Places">Where it can.</param>
/// <param name="Inject">Lets it happen, and returns when the broker serves again.</param>
internal sealed record FaultKind(int Number, string Name, Places Places, Func<Stage, Random, Task> Inject)
{
    internal string Id => $"F{Number}";

    public override string ToString() => $"{Id} {Name}";
}
