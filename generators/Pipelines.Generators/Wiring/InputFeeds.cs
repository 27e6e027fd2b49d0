using Pipelines.Generators.Model;

namespace Pipelines.Generators.Wiring;

/// <summary>Which inputs' records lead to a handler, and how far behind the input's stream time what it sees may be.</summary>
/// <remarks>Only closed windows lag: what [OnClose] sends carries the window's end, and the window closes when stream time is a grace past it.</remarks>
internal sealed class InputFeeds(ComponentLinker component, WireGraph graph)
{
    private readonly Dictionary<HandlerNode, SortedDictionary<int, long>> known = new();

    public SortedDictionary<int, long> Of(HandlerNode node)
    {
        if (known.TryGetValue(node, out SortedDictionary<int, long>? feeds)) return feeds;
        feeds = new SortedDictionary<int, long>();
        switch (node.Handler.Kind)
        {
            case HandlerKind.Close:
                foreach (StoreNode store in node.Closes)
                {
                    foreach (HandlerNode filler in store.Handlers) Merge(feeds, Of(filler), store.Window!.GraceMs);
                }

                break;
            case HandlerKind.Late:
                HandlerNode? main = component.Nodes.FirstOrDefault(other => other.Handler.Kind == HandlerKind.Record && component.LateOf(other) == node);
                if (main is not null) Merge(feeds, Of(main), lagMs: 0);
                break;
            default:
                if (node.Host is { Kind: not null } input) feeds[input.Number] = 0;
                else if (node.Host is not null) Merge(feeds, OfWire(node.Host.Record), lagMs: 0);
                break;
        }

        known.Add(node, feeds);
        return feeds;
    }

    /// <summary>What feeds the records of a wire.</summary>
    public SortedDictionary<int, long> OfWire(RecordReference record)
    {
        var feeds = new SortedDictionary<int, long>();
        foreach (HandlerNode sender in graph.Of(record).Senders) Merge(feeds, Of(sender), lagMs: 0);
        return feeds;
    }

    private static void Merge(SortedDictionary<int, long> into, SortedDictionary<int, long> from, long lagMs)
    {
        foreach (KeyValuePair<int, long> feed in from)
        {
            long lag = feed.Value + lagMs;
            if (!into.TryGetValue(feed.Key, out long other) || lag > other) into[feed.Key] = lag;
        }
    }
}
