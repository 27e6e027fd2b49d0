using Pipelines.Generators.Model;

namespace Pipelines.Generators.Wiring;

/// <summary>A handler while its component is wired.</summary>
internal sealed class HandlerNode(DetectorModel detector, int position, HandlerModel handler)
{
    public DetectorModel Detector { get; } = detector;

    /// <summary>Its position in the class.</summary>
    public int Position { get; } = position;

    public HandlerModel Handler { get; } = handler;

    /// <summary>Its number in the component.</summary>
    public int Number { get; set; }

    /// <summary>The key by which the records it handles are brought together; null when they come under several.</summary>
    public EquatableArray<KeyMember>? Key { get; set; } = EquatableArray<KeyMember>.Empty;

    /// <summary>It, or what it sends on a wire without a key, needs records of one key in one task.</summary>
    public bool NeedsKey { get; set; }

    /// <summary>It handles what [OnClose] sent, which is behind the stream time that closed the window.</summary>
    public bool IsBehind { get; set; }

    /// <summary>What brings records to it: an input, or a wire; null when nothing does.</summary>
    public Host? Host { get; set; }

    /// <summary>The stores that an [OnClose] handler takes, the one it goes through first.</summary>
    public List<StoreNode> Closes { get; } = new();

    public IEnumerable<RecordReference> Sent =>
        from parameter in Handler.Parameters
        where parameter.Kind == ParameterKind.Emit
        select parameter.Record;

    public IEnumerable<RecordReference> SentOnWires => Sent.Where(static record => record.Place == RecordPlace.Wire);

    public int FindParameter(Func<ParameterModel, bool> predicate)
    {
        for (int i = 0; i < Handler.Parameters.Count; i++)
        {
            if (predicate(Handler.Parameters[i])) return i;
        }

        return -1;
    }
}

/// <summary>What brings records to handlers: an external input, an internal one, or a wire.</summary>
internal sealed class Host(string topic, InputKind? kind, RecordReference record, EquatableArray<KeyMember> key)
{
    public string Topic { get; } = topic;

    /// <summary>Null for a wire.</summary>
    public InputKind? Kind { get; } = kind;

    public RecordReference Record { get; } = record;

    public EquatableArray<KeyMember> Key { get; } = key;

    /// <summary>Its number among the inputs, or among the wires.</summary>
    public int Number { get; set; }

    /// <summary>Of an internal input, the number of the output that feeds it.</summary>
    public int Output { get; set; } = -1;

    /// <summary>The handlers that it brings records to.</summary>
    public List<HandlerNode> Handlers { get; } = new();

    /// <summary>The internal inputs that its records are forwarded to.</summary>
    public List<Host> Forwards { get; } = new();

    /// <summary>Of a wire: a handler relies on its records having the key of the record they stem from.</summary>
    public bool ChecksKey { get; set; }
}

/// <summary>A store while its component is wired.</summary>
internal sealed class StoreNode(DetectorModel detector, string name, StateReference state, EquatableArray<KeyMember> key, WindowModel? window, HandlerNode first)
{
    public DetectorModel Detector { get; } = detector;

    public string Name { get; } = name;

    public StateReference State { get; } = state;

    public EquatableArray<KeyMember> Key { get; } = key;

    public WindowModel? Window { get; } = window;

    /// <summary>The handlers that change it; the first one named its key.</summary>
    public List<HandlerNode> Handlers { get; } = new() { first };

    public int Number { get; set; }

    public SortedSet<int> Inputs { get; } = new();
}
