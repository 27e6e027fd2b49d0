using Pipelines.Generators.Model;
using Pipelines.Generators.Parsing;

namespace Pipelines.Generators.Wiring;

/// <summary>The order in which windowed stores close: the store that an [OnClose] handler goes through before those it looks up, which must not be gone yet.</summary>
internal static class CloseOrder
{
    /// <summary>The order; null when two handlers ask for opposite ones, which has been reported.</summary>
    public static EquatableArray<ClosePlan>? Of(ComponentLinker component, IReadOnlyList<StoreNode> stores)
    {
        List<HandlerNode> handlers = component.Nodes.Where(static node => node.Closes.Count > 0).ToList();
        List<StoreNode> left = stores.Where(static store => store.Window is not null).ToList();
        var plans = new List<ClosePlan>();
        while (left.Count > 0)
        {
            StoreNode? next = left.FirstOrDefault(store => !handlers.Any(handler => left.Contains(handler.Closes[0]) && handler.Closes.Skip(1).Contains(store)));
            if (next is null)
            {
                HandlerNode handler = handlers.First(handler => left.Contains(handler.Closes[0]) && handler.Closes.Count > 1);
                component.Report(DetectorRules.BadClose, handler, -1, handler.Handler.Name, $"takes '{handler.Closes[0].Name}' before '{handler.Closes[1].Name}', and another [OnClose] handler takes them the other way round, so one would find the other's window gone", "take the states in the same order in both");
                return null;
            }

            left.Remove(next);
            plans.Add(new ClosePlan(next.Number, handlers.Where(handler => handler.Closes[0] == next).Select(static handler => handler.Number).ToEquatableArray()));
        }

        return plans.ToEquatableArray();
    }
}
