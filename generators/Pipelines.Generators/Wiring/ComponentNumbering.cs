using Pipelines.Generators.Model;

namespace Pipelines.Generators.Wiring;

/// <summary>Gives inputs, outputs, wires and stores their numbers, and writes what was found down as plain values.</summary>
internal sealed class ComponentNumbering
{
    private readonly ComponentLinker component;
    private readonly KeyPlacement placement;
    private readonly StoreLinker stores;
    private readonly InputFeeds feeds;
    private readonly List<Host> inputs = new();
    private readonly List<Host> wires = new();
    private readonly List<RecordReference> tables = new();
    private readonly List<RecordReference> written = new();

    public ComponentNumbering(ComponentLinker component, WireGraph graph, KeyPlacement placement, StoreLinker stores)
    {
        this.component = component;
        this.placement = placement;
        this.stores = stores;
        feeds = new InputFeeds(component, graph);
        foreach (Host host in placement.Topics.Concat(placement.Internals))
        {
            host.Number = inputs.Count;
            inputs.Add(host);
        }

        foreach (Wire wire in graph.Ordered)
        {
            if (wire.Senders.Count == 0) continue;
            wire.Host.Number = wires.Count;
            wires.Add(wire.Host);
        }

        tables.AddRange(Distinct(component.Nodes.SelectMany(static node => node.Handler.Parameters).Where(static parameter => parameter.Kind == ParameterKind.Lookup).Select(static parameter => parameter.Record!)));
        written.AddRange(Distinct(component.Nodes.SelectMany(static node => node.Sent).Where(static record => record.Place != RecordPlace.Wire)));
        foreach (Host host in placement.Internals) host.Output = written.Count + (host.Number - placement.Topics.Count());
        for (int i = 0; i < stores.Stores.Count; i++) stores.Stores[i].Number = i;
    }

    public ComponentModel? Build(string name, string className)
    {
        FindStoreInputs();
        if (CloseOrder.Of(component, stores.Stores) is not { } closes) return null;
        bool[] usesKey = WiresThatUseKey();
        return new ComponentModel(
            name,
            className,
            inputs.Select(host => new InputModel(host.Topic, host.Kind!.Value, host.Record, host.Key, UsesKey(host, usesKey), Steps(host)))
                .Concat(tables.Select(static table => new InputModel(table.Topic, InputKind.Table, table, table.Key, UsesKey: false, EquatableArray<StepModel>.Empty)))
                .ToEquatableArray(),
            written.Select(static record => new OutputModel(record.Topic, IsInternal: false, record, record.Key, EquatableArray<TimeSourceModel>.Empty))
                .Concat(placement.Internals.Select(host => new OutputModel(host.Topic, IsInternal: true, host.Record, host.Key, TimeSources(host))))
                .ToEquatableArray(),
            stores.Stores.Select(static store => new StoreModel(Naming.StoreId(store.Detector.Name, store.Name), store.Detector.Name, store.Name, store.State, store.Key, store.Window, store.Inputs.ToEquatableArray())).ToEquatableArray(),
            wires.Select(host => new WireModel(host.Record, host.ChecksKey, usesKey[host.Number], Steps(host))).ToEquatableArray(),
            component.Nodes.Select(Plan).ToEquatableArray(),
            closes,
            CoPartitioned());
    }

    private static IEnumerable<RecordReference> Distinct(IEnumerable<RecordReference> records) =>
        records.GroupBy(static record => record.TypeName).Select(static group => group.First()).OrderBy(static record => record.Topic, StringComparer.Ordinal).ThenBy(static record => record.TypeName, StringComparer.Ordinal);

    /// <summary>A store's windows close on the time of all that feeds it; stores that one handler takes close together.</summary>
    private void FindStoreInputs()
    {
        foreach (StoreNode store in stores.Stores)
        {
            foreach (HandlerNode node in store.Handlers) store.Inputs.UnionWith(feeds.Of(node).Keys);
        }

        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (HandlerNode node in component.Nodes)
            {
                List<StoreNode> taken = stores.Stores.Where(store => store.Window is not null && (store.Handlers.Contains(node) || node.Closes.Contains(store))).ToList();
                if (taken.Count < 2) continue;
                var all = new SortedSet<int>(taken.SelectMany(static store => store.Inputs));
                foreach (StoreNode store in taken)
                {
                    int before = store.Inputs.Count;
                    store.Inputs.UnionWith(all);
                    changed |= store.Inputs.Count != before;
                }
            }
        }
    }

    private EquatableArray<StepModel> Steps(Host host)
    {
        var steps = new List<StepModel>();
        foreach (HandlerNode node in host.Handlers) steps.Add(new StepModel(node.Number, Forward: -1));
        foreach (Host forward in host.Forwards) steps.Add(new StepModel(forward.Handlers.Min(static node => node.Number), forward.Output));
        return steps.OrderBy(static step => step.Handler).ToEquatableArray();
    }

    private EquatableArray<TimeSourceModel> TimeSources(Host target)
    {
        Host from = inputs.Concat(wires).First(host => host.Forwards.Contains(target));
        return from.Kind is not null
            ? new[] { new TimeSourceModel(from.Number, 0) }.ToEquatableArray()
            : feeds.OfWire(from.Record).Select(static feed => new TimeSourceModel(feed.Key, feed.Value)).ToEquatableArray();
    }

    private bool[] WiresThatUseKey()
    {
        var usesKey = new bool[wires.Count];
        for (int i = wires.Count - 1; i >= 0; i--) usesKey[i] = UsesKey(wires[i], usesKey);
        return usesKey;
    }

    private bool UsesKey(Host host, bool[] wiresThatDo) => host.ChecksKey || host.Handlers.Any(node =>
        node.Handler.TakesKeyed
        || node.SentOnWires.Any(sent => wiresThatDo[WireOf(sent)])
        || (component.LateOf(node)?.SentOnWires.Any(sent => wiresThatDo[WireOf(sent)]) ?? false));

    private int WireOf(RecordReference record) => wires.FindIndex(host => host.Record.TypeName == record.TypeName);

    private HandlerPlan Plan(HandlerNode node)
    {
        DetectorModel detector = node.Detector;
        var targets = new int[node.Handler.Parameters.Count];
        int keys = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            ParameterModel parameter = node.Handler.Parameters[i];
            targets[i] = parameter.Kind switch
            {
                ParameterKind.State or ParameterKind.ClosedState => stores.Find(detector, parameter.Name)?.Number ?? -1,
                ParameterKind.Key when node.Closes.Count > 0 => StoreLinker.KeyMemberOf(node.Closes[0], parameter, keys++),
                ParameterKind.Lookup => inputs.Count + tables.FindIndex(table => table.TypeName == parameter.Record!.TypeName),
                ParameterKind.Emit when parameter.Record!.Place == RecordPlace.Wire => HandlerPlan.TargetOf(WireOf(parameter.Record)),
                ParameterKind.Emit => written.FindIndex(record => record.TypeName == parameter.Record!.TypeName),
                _ => -1,
            };
        }

        var header = new DetectorHeader(detector.TypeName, detector.FullName, detector.Name, detector.IsStatic, detector.OnError, detector.Retries, detector.RetryDelayMs);
        return new HandlerPlan(header, node.Handler, targets.ToEquatableArray(), component.LateOf(node)?.Number ?? -1);
    }

    /// <summary>Inputs that share a store, and an input with the tables looked up for it: one key has to be in one partition of all.</summary>
    private EquatableArray<EquatableArray<int>> CoPartitioned()
    {
        var groups = new List<SortedSet<int>>();
        foreach (StoreNode store in stores.Stores) Join(store.Inputs);
        foreach (HandlerNode node in component.Nodes)
        {
            if (node.Host is null) continue;
            foreach (ParameterModel parameter in node.Handler.Parameters)
            {
                if (parameter.Kind == ParameterKind.Lookup)
                    Join(feeds.Of(node).Keys.Concat(new[] { inputs.Count + tables.FindIndex(table => table.TypeName == parameter.Record!.TypeName) }));
            }
        }

        return groups.Where(static group => group.Count > 1).OrderBy(static group => group.Min).Select(static group => group.ToEquatableArray()).ToEquatableArray();

        void Join(IEnumerable<int> members)
        {
            var joined = new SortedSet<int>(members);
            foreach (SortedSet<int> group in groups.Where(group => group.Overlaps(joined)).ToList())
            {
                joined.UnionWith(group);
                groups.Remove(group);
            }

            groups.Add(joined);
        }
    }
}
