using Pipelines.Generators.Model;
using Pipelines.Generators.Parsing;

namespace Pipelines.Generators.Wiring;

/// <summary>Decides what brings records to each handler: the topic itself, a wire inside the task, or an internal topic that brings one key together.</summary>
/// <remarks>
/// A wire's record stays in the task when nobody needs its key, when it has none of its own, or when its key has the names and types of the key that
/// brought the record it stems from here. Otherwise it takes the way over an internal topic, and so does every record of [KeyBy].
/// </remarks>
internal sealed class KeyPlacement(ComponentLinker component, WireGraph graph)
{
    private readonly SortedDictionary<string, Host> topics = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Host> internals = new(StringComparer.Ordinal);

    /// <summary>External inputs by record type.</summary>
    public IEnumerable<Host> Topics => topics.Values.OrderBy(static host => host.Topic, StringComparer.Ordinal);

    /// <summary>Internal inputs by name.</summary>
    public IEnumerable<Host> Internals => internals.Values;

    public void Place()
    {
        FindNeeds();
        foreach (HandlerNode node in component.Nodes)
        {
            if (node.Handler.Kind == HandlerKind.Record && node.Handler.Input!.Place != RecordPlace.Wire) PlaceOnTopic(node);
        }

        foreach (HandlerNode node in component.Nodes.Where(static node => node.Host is not null).ToList()) PlaceFollowers(node);
        foreach (Wire wire in graph.Ordered)
        {
            if (wire.Senders.Count == 0) continue;
            List<EquatableArray<KeyMember>?> keys = wire.Senders.Select(static sender => sender.Key).Distinct().ToList();
            bool isBehind = wire.Senders.Any(static sender => sender.IsBehind || sender.Handler.Kind == HandlerKind.Close);
            foreach (HandlerNode taker in wire.Takers)
            {
                if (taker.Handler.Kind != HandlerKind.Record) continue;
                PlaceOnWire(taker, wire, keys, isBehind);
                PlaceFollowers(taker);
            }
        }
    }

    /// <summary>A handler needs its record's key for state and rows, and for what it sends on a wire without a key to handlers that need one.</summary>
    private void FindNeeds()
    {
        foreach (HandlerNode node in component.Nodes) node.NeedsKey = node.Handler.TakesKeyed;
        for (int i = graph.Ordered.Count - 1; i >= 0; i--)
        {
            Wire wire = graph.Ordered[i];
            if (wire.Record.Key.Count > 0) continue;
            if (!wire.Takers.Any(static taker => taker.NeedsKey && taker.Handler.KeyBy.Count == 0)) continue;
            foreach (HandlerNode sender in wire.Senders) sender.NeedsKey = true;
        }
    }

    private void PlaceOnTopic(HandlerNode node)
    {
        RecordReference record = node.Handler.Input!;
        if (!topics.TryGetValue(record.TypeName, out Host? host))
            topics.Add(record.TypeName, host = new Host(record.Topic, InputKind.Topic, record, record.Key));
        if (node.Handler.KeyBy.Count > 0)
        {
            PlaceOnInternal(node, host, node.Handler.KeyBy);
            return;
        }

        Attach(node, host, record.Key);
        CheckKey(node, record);
    }

    private void PlaceOnWire(HandlerNode node, Wire wire, List<EquatableArray<KeyMember>?> keys, bool isBehind)
    {
        RecordReference record = wire.Record;
        EquatableArray<KeyMember>? shared = keys.Count == 1 ? keys[0] : null;
        bool closesTwice = isBehind && node.Handler.Window is not null;
        if (node.Handler.KeyBy.Count > 0)
        {
            PlaceOnInternal(node, wire.Host, node.Handler.KeyBy);
        }
        else if (!node.NeedsKey)
        {
            Attach(node, wire.Host, shared);
            node.IsBehind = isBehind;
        }
        else if (record.Key.Count == 0)
        {
            Attach(node, wire.Host, shared);
            node.IsBehind = isBehind;
            if (!node.Handler.TakesKeyed) return;
            if (shared is null) component.Report(TopologyRules.MixedKeys, node, KeyedParameter(node), node.Handler.Name, record.FullName, "from handlers under different keys");
            else if (closesTwice) component.Report(TopologyRules.MixedKeys, node, KeyedParameter(node), node.Handler.Name, record.FullName, "from windows that have closed, so it is behind its own window unless an internal topic carries it");
            else CheckKey(node, record);
        }
        else if (shared is { } key && key.Equals(record.Key) && !closesTwice)
        {
            Attach(node, wire.Host, key);
            node.IsBehind = isBehind;
            wire.Host.ChecksKey = true;
        }
        else
        {
            PlaceOnInternal(node, wire.Host, record.Key);
        }

        int info = node.FindParameter(static parameter => parameter.Kind == ParameterKind.Info);
        if (node.IsBehind && info >= 0) component.Report(TopologyRules.InfoWithoutRecord, node, info, node.Handler.Name, record.FullName);
    }

    private void PlaceOnInternal(HandlerNode node, Host from, EquatableArray<KeyMember> key)
    {
        string topic = InternalTopicNames.Of(node.Detector, from.Record, key);
        if (!internals.TryGetValue(topic, out Host? host))
        {
            internals.Add(topic, host = new Host(topic, InputKind.Internal, from.Record, key));
            from.Forwards.Add(host);
            component.Report(TopologyRules.Repartitioned, node, 0, from.Record.FullName, string.Join(", ", key.Select(static member => member.Name)), $"{node.Detector.Name}.{node.Handler.Name}", topic);
        }

        Attach(node, host, key);
    }

    /// <summary>[OnLate] runs where its handler does, and [OnClose] where the windows are filled.</summary>
    private void PlaceFollowers(HandlerNode node)
    {
        if (node.Handler.Kind != HandlerKind.Record) return;
        if (component.LateOf(node) is { } late) (late.Key, late.IsBehind) = (node.Key, node.IsBehind);
        if (node.Handler.Window is null) return;
        foreach (HandlerNode close in component.ClosesOf(node.Detector).Where(close => close.Handler.Closes(node.Handler))) close.Key = node.Key;
    }

    private void CheckKey(HandlerNode node, RecordReference record)
    {
        if (!node.Handler.TakesKeyed || node.Key is { Count: > 0 }) return;
        int at = KeyedParameter(node);
        component.Report(TopologyRules.StateWithoutKey, node, at, node.Handler.Parameters[at].Name, node.Handler.Name, record.FullName);
    }

    private static int KeyedParameter(HandlerNode node) => node.FindParameter(static parameter => parameter.Kind is ParameterKind.State or ParameterKind.Lookup);

    private static void Attach(HandlerNode node, Host host, EquatableArray<KeyMember>? key)
    {
        node.Host = host;
        node.Key = key;
        host.Handlers.Add(node);
    }
}
