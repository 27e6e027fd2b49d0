using Pipelines.Generators.Model;

namespace Pipelines.Generators.Wiring;

/// <summary>What an end of an edge is.</summary>
internal enum NodeKind
{
    /// <summary>A topic or table on the broker.</summary>
    Topic,

    /// <summary>A topic of the deployment's own.</summary>
    Internal,

    /// <summary>A handler.</summary>
    Handler,

    /// <summary>A store.</summary>
    Store,
}

/// <summary>An end of an edge.</summary>
internal sealed record EdgeNode(NodeKind Kind, string Name)
{
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {Name}";
}

/// <summary>What flows from one node to another.</summary>
/// <param name="From">Where it comes from.</param>
/// <param name="To">Where it goes.</param>
/// <param name="Kind">reads, writes, wire, repartitions, looks-up, keeps or closes.</param>
/// <param name="Record">The record type's own name; for a store the state's type.</param>
internal sealed record Edge(EdgeNode From, EdgeNode To, string Kind, string Record);

/// <summary>A component as a graph, for the manifest and the picture.</summary>
internal static class TopologyEdges
{
    public static string HandlerName(HandlerPlan plan) =>
        $"{plan.Detector.Name}.{plan.Handler.Name}" + (plan.Handler.Input is { } input ? $"({input.ShortName})" : "");

    public static IReadOnlyList<Edge> Of(ComponentModel component)
    {
        var edges = new List<Edge>();
        foreach (InputModel input in component.Inputs) AddSteps(edges, component, NodeOf(input), input.Kind == InputKind.Table ? "looks-up" : "reads", input.Record, input.Steps);
        for (int i = 0; i < component.Handlers.Count; i++)
        {
            HandlerPlan plan = component.Handlers[i];
            EdgeNode handler = NodeOf(plan);
            for (int j = 0; j < plan.Targets.Count; j++)
            {
                int target = plan.Targets[j];
                ParameterModel parameter = plan.Handler.Parameters[j];
                switch (parameter.Kind)
                {
                    case ParameterKind.Lookup:
                        edges.Add(new Edge(NodeOf(component.Inputs[target]), handler, "looks-up", parameter.Record!.ShortName));
                        break;
                    case ParameterKind.Emit when target < -1:
                        WireModel wire = component.Wires[HandlerPlan.WireOf(target)];
                        AddSteps(edges, component, handler, "wire", wire.Record, wire.Steps);
                        break;
                    case ParameterKind.Emit:
                        edges.Add(new Edge(handler, new EdgeNode(NodeKind.Topic, component.Outputs[target].Topic), "writes", parameter.Record!.ShortName));
                        break;
                    case ParameterKind.State when target >= 0:
                        edges.Add(new Edge(handler, NodeOf(component.Stores[target]), "keeps", component.Stores[target].State.DisplayName));
                        break;
                }
            }
        }

        foreach (ClosePlan close in component.Closes)
        {
            foreach (int handler in close.Handlers)
                edges.Add(new Edge(NodeOf(component.Stores[close.Store]), NodeOf(component.Handlers[handler]), "closes", component.Stores[close.Store].State.DisplayName));
        }

        return edges.Distinct().ToList();
    }

    private static void AddSteps(List<Edge> edges, ComponentModel component, EdgeNode from, string kind, RecordReference record, EquatableArray<StepModel> steps)
    {
        foreach (StepModel step in steps)
        {
            if (step.Forward >= 0)
            {
                edges.Add(new Edge(from, new EdgeNode(NodeKind.Internal, component.Outputs[step.Forward].Topic), "repartitions", record.ShortName));
                continue;
            }

            HandlerPlan plan = component.Handlers[step.Handler];
            edges.Add(new Edge(from, NodeOf(plan), kind, record.ShortName));
            if (plan.Late >= 0) edges.Add(new Edge(from, NodeOf(component.Handlers[plan.Late]), kind, record.ShortName));
        }
    }

    private static EdgeNode NodeOf(InputModel input) => new(input.Kind == InputKind.Internal ? NodeKind.Internal : NodeKind.Topic, input.Topic);

    private static EdgeNode NodeOf(HandlerPlan plan) => new(NodeKind.Handler, HandlerName(plan));

    private static EdgeNode NodeOf(StoreModel store) => new(NodeKind.Store, $"{store.Detector}/{store.Name}");
}
