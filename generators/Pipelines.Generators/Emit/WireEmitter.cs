using Pipelines.Generators.Model;

namespace Pipelines.Generators.Emit;

/// <summary>Writes the method that hands out what waits on a wire, once the handler that sent it has returned.</summary>
internal static class WireEmitter
{
    public static void Emit(SourceWriter source, ComponentModel component, ComponentFields fields, int number)
    {
        WireModel wire = component.Wires[number];
        string type = wire.Record.TypeName;
        source.Line($"/// <summary>Wire <c>{ComponentEmitter.Escape(wire.Record.FullName)}</c>.</summary>");
        using (source.Block($"private void {ComponentEmitter.Drain(component, number)}()"))
        {
            source.Line($"{Names.Execution}Outlet<{type}> wire = {fields.Wire(number)};");
            if (wire.Steps.Count > 0) EmitLoop(source, component, fields, wire);
            source.Line("wire.Clear();");
        }
    }

    private static void EmitLoop(SourceWriter source, ComponentModel component, ComponentFields fields, WireModel wire)
    {
        string type = wire.Record.TypeName;
        source.Line($"{Names.Execution}TaskScope scope = Scope;");
        if (wire.ChecksKey || HandlerCallEmitter.TakesKeyed(component, wire.Steps)) source.Line($"{Names.KeySpan} key = scope.Key.Written;");
        if (wire.Record.HasEventTime) source.Line("long eventTime = scope.EventTime;");
        if (wire.ChecksKey) source.Line("int sender = scope.Handler;");
        using (source.Block("for (int i = 0; i < wire.Count; i++)"))
        {
            source.Line($"ref readonly {type} record = ref wire[i];");
            if (wire.Record.HasEventTime) source.Line($"scope.EventTime = {Names.Codec(wire.Record)}.EventTime(in record, eventTime);");
            if (wire.ChecksKey)
            {
                bool isNumber = KeyCode.IsNumber(wire.Record);
                if (!isNumber)
                {
                    source.Line("scratch.Clear();");
                    source.Line($"{Names.Codec(wire.Record)}.WriteKey(in record, scratch);");
                }

                using (source.Block($"if (!{(isNumber ? KeyCode.CompareNumber(wire.Record, "record", "key") : "global::System.MemoryExtensions.SequenceEqual(scratch.Written, key)")})"))
                {
                    source.Line("scope.Handler = sender;");
                    source.Line($"scope.ThrowKeyMismatch({Names.Literal(wire.Record.FullName)});");
                }
            }

            new HandlerCallEmitter(component, fields, source).Steps(wire.Steps);
        }

        source.Line();
        if (wire.Record.HasEventTime) source.Line("scope.EventTime = eventTime;");
    }
}
