using System.ComponentModel;
using Pipelines.Topology;

namespace Pipelines.Execution;

/// <summary>Hands a generated task its outlets, stores, tables and detectors when it is made.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class TaskContext
{
    private readonly ComponentDefinition component;
    private readonly TaskOptions options;
    private readonly Dictionary<Type, object> detectors = [];

    /// <summary>The context of one task of <paramref name="component"/>.</summary>
    public TaskContext(ComponentDefinition component, TaskOptions options)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(options);
        this.component = component;
        this.options = options;
        Scope = new TaskScope(component, options);
    }

    /// <summary>What surrounds each record.</summary>
    public TaskScope Scope { get; }

    /// <summary>The tables that handlers look rows up in, by input.</summary>
    public IReadOnlyDictionary<int, TableStoreBase> Tables => tables;

    private readonly Dictionary<int, TableStoreBase> tables = [];

    /// <summary>The outlet of an output of the component.</summary>
    public Outlet<T> Output<T>(int output)
        where T : struct, IRecord<T>
    {
        OutputDefinition definition = component.Outputs[output];
        (string topic, int count) = options.ResolveOutput(definition);
        var partitions = new OutputPartition[count];
        for (int i = 0; i < count; i++)
        {
            partitions[i] = new OutputPartition(topic, i, Scope.Undo);
            Scope.Add(partitions[i]);
        }

        if (definition.IsInternal) Scope.AddInternal(definition, partitions);
        return new Outlet<T>(Scope, partitions);
    }

    /// <summary>The queue of a wire.</summary>
    public Outlet<T> Wire<T>()
        where T : struct, IRecord<T>
    {
        var wire = new Outlet<T>(Scope, partitions: null);
        Scope.Add(wire);
        return wire;
    }

    /// <summary>A store of the component.</summary>
    public Store<T, TCodec> Store<T, TCodec>(int store)
        where TCodec : struct, IStateCodec<T>
    {
        StoreDefinition definition = component.Stores[store];
        var made = new Store<T, TCodec>(definition.Id, Name(definition), Scope.Undo);
        Scope.Add(made);
        return made;
    }

    /// <summary>A windowed store of the component.</summary>
    public WindowStore<T, TCodec> WindowStore<T, TCodec>(int store)
        where TCodec : struct, IStateCodec<T>
    {
        StoreDefinition definition = component.Stores[store];
        var made = new WindowStore<T, TCodec>(definition.Id, Name(definition), definition.WindowMs, definition.GraceMs, Scope.Undo);
        Scope.Add(made, definition);
        return made;
    }

    /// <summary>The table of an input of kind <see cref="InputKind.Table"/>.</summary>
    public TableStore<T> Table<T>(int input)
        where T : struct, IRecord<T>
    {
        var made = new TableStore<T>();
        tables.Add(input, made);
        return made;
    }

    /// <summary>The task's instance of a detector that is not static.</summary>
    /// <exception cref="InvalidOperationException">The host does not know how to make it.</exception>
    public T Detector<T>()
        where T : class
    {
        if (detectors.TryGetValue(typeof(T), out object? known)) return (T)known;
        object made = options.Services?.GetService(typeof(T)) ?? throw new InvalidOperationException(
            $"Detector '{typeof(T).FullName}' is not static, and no instance of it could be made. Register what its constructor takes with the host's services.");
        detectors.Add(typeof(T), made);
        return (T)made;
    }

    private static string Name(StoreDefinition definition) => $"{definition.Detector}/{definition.Name}";
}
