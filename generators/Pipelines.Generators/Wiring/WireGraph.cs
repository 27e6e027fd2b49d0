using Pipelines.Generators.Model;
using Pipelines.Generators.Parsing;

namespace Pipelines.Generators.Wiring;

/// <summary>The wires of a component, who sends on them and who takes them, in an order that goes downstream.</summary>
internal sealed class WireGraph
{
    private readonly ComponentLinker component;
    private readonly SortedDictionary<string, Wire> wires = new(StringComparer.Ordinal);
    private readonly List<Wire> ordered = new();

    public WireGraph(ComponentLinker component)
    {
        this.component = component;
        foreach (HandlerNode node in component.Nodes)
        {
            if (node.Handler.Input is { Place: RecordPlace.Wire } input) Get(input).Takers.Add(node);
            foreach (RecordReference sent in node.SentOnWires)
            {
                Wire wire = Get(sent);
                if (!wire.Senders.Contains(node)) wire.Senders.Add(node);
            }
        }
    }

    /// <summary>Upstream first.</summary>
    public IReadOnlyList<Wire> Ordered => ordered;

    public Wire Of(RecordReference record) => wires[record.TypeName];

    /// <summary>Orders the wires.</summary>
    /// <returns>False when they form a cycle, which has been reported.</returns>
    public bool TryOrder()
    {
        var path = new List<(Wire Wire, HandlerNode? Through)>();
        foreach (Wire wire in wires.Values)
        {
            if (!Visit(wire, through: null, path)) return false;
        }

        ordered.Reverse();
        return true;
    }

    public void CheckEnds()
    {
        foreach (Wire wire in ordered)
        {
            if (wire.Takers.Count == 0)
            {
                HandlerNode sender = wire.Senders[0];
                component.Report(TopologyRules.UnusedWire, sender, sender.FindParameter(parameter => parameter.Kind == ParameterKind.Emit && parameter.Record!.TypeName == wire.Record.TypeName), wire.Record.FullName);
            }

            if (wire.Senders.Count > 0) continue;
            foreach (HandlerNode taker in wire.Takers)
                component.Report(TopologyRules.UnfedWire, taker, 0, taker.Handler.Name, wire.Record.FullName);
        }
    }

    private bool Visit(Wire wire, HandlerNode? through, List<(Wire Wire, HandlerNode? Through)> path)
    {
        int start = path.FindIndex(step => step.Wire == wire);
        path.Add((wire, through));
        if (start >= 0)
        {
            ReportCycle(path, start);
            return false;
        }

        if (!wire.IsVisited)
        {
            foreach (HandlerNode taker in wire.Takers)
            {
                foreach (HandlerNode sender in Downstream(taker))
                {
                    foreach (RecordReference sent in sender.SentOnWires)
                    {
                        if (!Visit(Of(sent), sender, path)) return false;
                    }
                }
            }

            wire.IsVisited = true;
            ordered.Add(wire);
        }

        path.RemoveAt(path.Count - 1);
        return true;
    }

    /// <summary>The handlers that run because one does: itself, and those that close the windows it fills.</summary>
    private IEnumerable<HandlerNode> Downstream(HandlerNode taker)
    {
        yield return taker;
        if (taker.Handler.Window is null) yield break;
        foreach (HandlerNode close in component.ClosesOf(taker.Detector))
        {
            if (close.Handler.Closes(taker.Handler)) yield return close;
        }
    }

    private void ReportCycle(List<(Wire Wire, HandlerNode? Through)> path, int start)
    {
        string text = path[start].Wire.Record.ShortName;
        for (int i = start + 1; i < path.Count; i++)
            text += $" -> {path[i].Through!.Detector.Name}.{path[i].Through!.Handler.Name} -> {path[i].Wire.Record.ShortName}";
        HandlerNode last = path[path.Count - 1].Through!;
        component.Report(TopologyRules.WireCycle, last, -1, text);
    }

    private Wire Get(RecordReference record)
    {
        if (!wires.TryGetValue(record.TypeName, out Wire? wire)) wires.Add(record.TypeName, wire = new Wire(record));
        return wire;
    }
}

/// <summary>One wire.</summary>
internal sealed class Wire(RecordReference record)
{
    public RecordReference Record { get; } = record;

    public List<HandlerNode> Senders { get; } = new();

    public List<HandlerNode> Takers { get; } = new();

    public bool IsVisited { get; set; }

    /// <summary>What hands its records out inside the task.</summary>
    public Host Host { get; } = new(topic: "", kind: null, record, record.Key);
}
