using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;
using Pipelines.Generators.Parsing;

namespace Pipelines.Generators.Wiring;

/// <summary>Wires one component: order of wires, keys and where records go for them, stores, numbers.</summary>
/// <param name="name">The component's name.</param>
/// <param name="className">The task's class.</param>
/// <param name="detectors">Its detectors, by name.</param>
/// <param name="isComplete">False when a detector of the assembly is broken: then a wire may have ends that nobody sees.</param>
/// <param name="violations">What is found to be wrong.</param>
internal sealed class ComponentLinker(string name, string className, List<DetectorModel> detectors, bool isComplete, List<TopologyViolation> violations)
{
    private bool hasErrors;

    public List<HandlerNode> Nodes { get; } = new();

    /// <summary>Null when something is wrong; it has been reported.</summary>
    public ComponentModel? Link()
    {
        foreach (DetectorModel detector in detectors)
        {
            for (int i = 0; i < detector.Handlers.Count; i++)
                Nodes.Add(new HandlerNode(detector, i, detector.Handlers[i]) { Number = Nodes.Count });
        }

        hasErrors = detectors.Any(static detector => detector.IsBroken);
        var graph = new WireGraph(this);
        if (!graph.TryOrder()) return null;
        if (isComplete) graph.CheckEnds();
        var placement = new KeyPlacement(this, graph);
        placement.Place();
        if (hasErrors) return null;
        var stores = new StoreLinker(this);
        stores.Link();
        if (hasErrors) return null;
        return new ComponentNumbering(this, graph, placement, stores).Build(name, className);
    }

    public HandlerNode? LateOf(HandlerNode node) => Nodes.FirstOrDefault(other =>
        other.Handler.Kind == HandlerKind.Late && other.Detector == node.Detector && other.Handler.HasSameInput(node.Handler));

    public IEnumerable<HandlerNode> ClosesOf(DetectorModel detector) =>
        Nodes.Where(node => node.Handler.Kind == HandlerKind.Close && node.Detector == detector);

    public void Report(DiagnosticDescriptor rule, HandlerNode node, int parameter, params string[] arguments)
    {
        if (rule.DefaultSeverity == DiagnosticSeverity.Error) hasErrors = true;
        violations.Add(new TopologyViolation(rule, node.Detector.FullName, node.Position, parameter, arguments.ToEquatableArray()));
    }
}
