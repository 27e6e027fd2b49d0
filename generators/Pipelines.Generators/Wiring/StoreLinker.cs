using Pipelines.Generators.Model;
using Pipelines.Generators.Parsing;

namespace Pipelines.Generators.Wiring;

/// <summary>Finds a component's stores by detector and parameter name, and what [OnClose] handlers take of them.</summary>
internal sealed class StoreLinker(ComponentLinker component)
{
    private readonly List<StoreNode> stores = new();

    /// <summary>By detector, in the order in which they are first named.</summary>
    public IReadOnlyList<StoreNode> Stores => stores;

    public StoreNode? Find(DetectorModel detector, string name) =>
        stores.FirstOrDefault(store => store.Detector == detector && store.Name == name);

    public void Link()
    {
        foreach (HandlerNode node in component.Nodes)
        {
            if (node.Host is null || node.Handler.Kind != HandlerKind.Record) continue;
            for (int i = 0; i < node.Handler.Parameters.Count; i++)
            {
                ParameterModel parameter = node.Handler.Parameters[i];
                if (parameter.Kind == ParameterKind.State) Use(node, i, parameter);
                else if (parameter.Kind == ParameterKind.Lookup) CheckLookup(node, i, parameter.Record!);
            }
        }

        foreach (HandlerNode node in component.Nodes)
        {
            if (node.Handler.Kind == HandlerKind.Close) LinkClose(node);
        }
    }

    private void Use(HandlerNode node, int position, ParameterModel parameter)
    {
        EquatableArray<KeyMember> key = node.Key!.Value;
        if (Find(node.Detector, parameter.Name) is not { } store)
        {
            stores.Add(new StoreNode(node.Detector, parameter.Name, parameter.State!, key, node.Handler.Window, node));
            return;
        }

        if (store.State.TypeName != parameter.State!.TypeName) Conflict($"type {store.State.DisplayName}", $"type {parameter.State.DisplayName}");
        else if (!HaveSameTypes(store.Key, key)) Conflict($"key ({Types(store.Key)})", $"key ({Types(key)})");
        else if (!Equals(store.Window, node.Handler.Window)) Conflict(Words(store.Window), Words(node.Handler.Window));
        else store.Handlers.Add(node);

        void Conflict(string one, string other) => component.Report(
            TopologyRules.StoreConflict, node, position, parameter.Name, node.Detector.Name, one, store.Handlers[0].Handler.Name, other, node.Handler.Name);
    }

    private void CheckLookup(HandlerNode node, int position, RecordReference table)
    {
        EquatableArray<KeyMember> key = node.Key!.Value;
        if (!HaveSameTypes(key, table.Key))
            component.Report(TopologyRules.LookupKeyMismatch, node, position, node.Handler.Name, table.FullName, Types(key), node.Handler.Input!.FullName, Types(table.Key));
    }

    private void LinkClose(HandlerNode node)
    {
        for (int i = 0; i < node.Handler.Parameters.Count; i++)
        {
            ParameterModel parameter = node.Handler.Parameters[i];
            if (parameter.Kind != ParameterKind.ClosedState) continue;
            StoreNode? store = Find(node.Detector, parameter.Name);
            if (store is null)
                Bad(node, i, $"takes '{parameter.Name}', but no windowed handler of the detector keeps 'ref' state of that name", "name the parameter as the state is named");
            else if (store.Window is null)
                Bad(node, i, $"takes '{parameter.Name}', which is kept without a window and so never closes", "put [Tumbling] on the handler that keeps it");
            else if (store.State.TypeName != parameter.State!.TypeName)
                Bad(node, i, $"takes '{parameter.Name}' as {parameter.State.DisplayName}, but it is kept as {store.State.DisplayName}", $"write 'in {store.State.DisplayName} {parameter.Name}'");
            else if (node.Closes.Count > 0 && !Equals(node.Closes[0].Window, store.Window))
                Bad(node, i, $"takes states of different windows, '{node.Closes[0].Name}' and '{store.Name}'", "write one [OnClose] handler per window");
            else
                node.Closes.Add(store);
        }

        if (node.Closes.Count == 0 && !node.Handler.Parameters.Any(static parameter => parameter.Kind == ParameterKind.ClosedState)) CloseOnlyWindow(node);
        if (node.Closes.Count > 0) CheckKeyParameters(node);
    }

    /// <summary>An [OnClose] handler that takes no state follows the detector's window, if there is one only.</summary>
    private void CloseOnlyWindow(HandlerNode node)
    {
        List<StoreNode> windowed = stores.Where(store => store.Detector == node.Detector && store.Window is not null).ToList();
        if (windowed.Count == 0)
            Bad(node, -1, "belongs to no window: no handler of the detector has [Tumbling]", "add [Tumbling] to the handler whose state it takes");
        else if (windowed.Count > 1)
            Bad(node, -1, "takes no state, and the detector keeps several in windows, so it is not clear which window's close it follows", "take one of the states by 'in'");
        else
            node.Closes.Add(windowed[0]);
    }

    private void CheckKeyParameters(HandlerNode node)
    {
        StoreNode store = node.Closes[0];
        int position = 0;
        for (int i = 0; i < node.Handler.Parameters.Count; i++)
        {
            ParameterModel parameter = node.Handler.Parameters[i];
            if (parameter.Kind != ParameterKind.Key) continue;
            int member = KeyMemberOf(store, parameter, position++);
            if (member < 0)
                Bad(node, i, $"takes '{parameter.Name}', but the key has {Naming.Number(store.Key.Count)} member(s): {Types(store.Key)}", "take the key's members by value, in order or by name");
            else if (store.Key[member].TypeName != parameter.TypeName)
                Bad(node, i, $"takes key member '{parameter.Name}' as another type than {store.Key[member].DisplayName}", $"write '{store.Key[member].DisplayName} {parameter.Name}', or take state by 'in'");
        }
    }

    /// <summary>The key member that a parameter means: the one of its name, else the one at its position; -1 for none.</summary>
    public static int KeyMemberOf(StoreNode store, ParameterModel parameter, int position)
    {
        for (int i = 0; i < store.Key.Count; i++)
        {
            if (string.Equals(store.Key[i].Name, parameter.Name, StringComparison.OrdinalIgnoreCase)) return i;
        }

        return position < store.Key.Count ? position : -1;
    }

    private static bool HaveSameTypes(EquatableArray<KeyMember> left, EquatableArray<KeyMember> right) =>
        left.Count == right.Count && left.Select(static member => member.TypeName).SequenceEqual(right.Select(static member => member.TypeName));

    private static string Types(EquatableArray<KeyMember> key) => string.Join(", ", key.Select(static member => $"{member.DisplayName} {member.Name}"));

    private static string Words(WindowModel? window) => window is null
        ? "no window"
        : $"a window of {Naming.Number(window.SizeMs)} ms and {Naming.Number(window.GraceMs)} ms of grace";

    private void Bad(HandlerNode node, int parameter, string what, string remedy) =>
        component.Report(DetectorRules.BadClose, node, parameter, node.Handler.Name, what, remedy);
}
