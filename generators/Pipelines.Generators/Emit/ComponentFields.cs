using Pipelines.Generators.Model;
using Pipelines.Generators.Wiring;

namespace Pipelines.Generators.Emit;

/// <summary>The fields of a generated task: an outlet per output and wire, a store per store, a table per look-up, an instance per detector that is not static.</summary>
internal sealed class ComponentFields
{
    private readonly HashSet<string> taken = new(StringComparer.Ordinal) { "Scope", "Tables", "scope", "batch", "bytes", "entries", "entry", "record", "key", "context", "input", "eventTime", "window", "wire", "scratch" };
    private readonly string[] outputs;
    private readonly string[] wires;
    private readonly string[] stores;
    private readonly string[] tables;
    private readonly Dictionary<string, string> detectors = new(StringComparer.Ordinal);
    private readonly ComponentModel component;

    public ComponentFields(ComponentModel component)
    {
        this.component = component;
        outputs = component.Outputs.Select(output => Unique(output.IsInternal ? output.Topic : output.Record.ShortName, "Output")).ToArray();
        wires = component.Wires.Select(wire => Unique(wire.Record.ShortName, "Wire")).ToArray();
        stores = component.Stores.Select(store => Unique($"{store.Detector}-{store.Name}", "Store")).ToArray();
        tables = component.Inputs.Select(input => input.Kind == InputKind.Table ? Unique(input.Record.ShortName, "Table") : "").ToArray();
        foreach (HandlerPlan plan in component.Handlers)
        {
            if (!plan.Detector.IsStatic && !detectors.ContainsKey(plan.Detector.TypeName))
                detectors.Add(plan.Detector.TypeName, Unique(Names.Short(plan.Detector.FullName), "Detector"));
        }
    }

    /// <summary>True when keys of wires and of internal topics are written somewhere.</summary>
    public bool NeedsScratch => component.Wires.Any(static wire => wire.ChecksKey && !KeyCode.IsNumber(wire.Record)) || component.Outputs.Any(static output => output.IsInternal);

    public string Output(int output) => outputs[output];

    public string Wire(int wire) => wires[wire];

    public string Store(int store) => stores[store];

    public string Table(int input) => tables[input];

    /// <summary>What a handler is called on: the class, or the task's instance.</summary>
    public string Receiver(DetectorHeader detector) => detector.IsStatic ? detector.TypeName : detectors[detector.TypeName];

    /// <summary>The outlet of an <c>Emit</c>'s target.</summary>
    public string Outlet(int target) => target < -1 ? wires[HandlerPlan.WireOf(target)] : outputs[target];

    public void Declare(SourceWriter source)
    {
        for (int i = 0; i < outputs.Length; i++) source.Line($"private readonly {Names.Execution}Outlet<{component.Outputs[i].Record.TypeName}> {outputs[i]};");
        for (int i = 0; i < wires.Length; i++) source.Line($"private readonly {Names.Execution}Outlet<{component.Wires[i].Record.TypeName}> {wires[i]};");
        for (int i = 0; i < stores.Length; i++) source.Line($"private readonly {Names.Execution}{StoreType(i)} {stores[i]};");
        for (int i = 0; i < tables.Length; i++)
        {
            if (tables[i].Length > 0) source.Line($"private readonly {Names.Execution}TableStore<{component.Inputs[i].Record.TypeName}> {tables[i]};");
        }

        foreach (KeyValuePair<string, string> detector in detectors) source.Line($"private readonly {detector.Key} {detector.Value};");
        if (NeedsScratch) source.Line($"private readonly {Names.EncodeBuffer} scratch = new {Names.EncodeBuffer}();");
    }

    public void Assign(SourceWriter source)
    {
        for (int i = 0; i < outputs.Length; i++) source.Line($"{outputs[i]} = context.Output<{component.Outputs[i].Record.TypeName}>({Naming.Number(i)});");
        for (int i = 0; i < wires.Length; i++) source.Line($"{wires[i]} = context.Wire<{component.Wires[i].Record.TypeName}>();");
        for (int i = 0; i < stores.Length; i++) source.Line($"{stores[i]} = context.{StoreType(i)}({Naming.Number(i)});");
        for (int i = 0; i < tables.Length; i++)
        {
            if (tables[i].Length > 0) source.Line($"{tables[i]} = context.Table<{component.Inputs[i].Record.TypeName}>({Naming.Number(i)});");
        }

        foreach (KeyValuePair<string, string> detector in detectors) source.Line($"{detector.Value} = context.Detector<{detector.Key}>();");
    }

    private string StoreType(int store)
    {
        StoreModel model = component.Stores[store];
        return $"{(model.Window is null ? "Store" : "WindowStore")}<{model.State.TypeName}, {model.State.Codec}>";
    }

    private string Unique(string name, string suffix) => Naming.Unique(Naming.Camel(name) + suffix, taken);
}
