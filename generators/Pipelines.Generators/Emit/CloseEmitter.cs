using Pipelines.Generators.Model;
using Pipelines.Generators.Wiring;

namespace Pipelines.Generators.Emit;

/// <summary>Writes the closing of windows: each window that is due goes through its keys, then is dropped.</summary>
internal static class CloseEmitter
{
    public static void Emit(SourceWriter source, ComponentModel component, ComponentFields fields)
    {
        source.Line("/// <inheritdoc/>");
        using (source.Block("public override void Close()"))
        {
            source.Line($"{Names.Execution}TaskScope scope = Scope;");
            foreach (ClosePlan plan in component.Closes) EmitStore(source, component, fields, plan);
            source.Line("scope.EndClose();");
        }
    }

    private static void EmitStore(SourceWriter source, ComponentModel component, ComponentFields fields, ClosePlan plan)
    {
        string store = fields.Store(plan.Store);
        using (source.Block($"while ({store}.BeginClosing(out {Names.Window} {(plan.Handlers.Count > 0 ? "window" : "_")}))"))
        {
            if (plan.Handlers.Count > 0)
            {
                using (source.Block($"while ({store}.MoveNext())"))
                {
                    foreach (int handler in plan.Handlers) EmitHandler(source, component, fields, plan.Store, handler);
                }

                source.Line();
            }

            source.Line($"{store}.EndClosing();");
        }

        source.Line();
    }

    private static void EmitHandler(SourceWriter source, ComponentModel component, ComponentFields fields, int store, int number)
    {
        HandlerPlan plan = component.Handlers[number];
        source.Line($"scope.BeginClose({Naming.Number(number)}, {fields.Store(store)}, in window);");
        using (source.Block("try"))
        {
            if (plan.Targets.Any(target => target < -1 && component.Wires[HandlerPlan.WireOf(target)].UsesKey))
            {
                source.Line("scope.Key.Clear();");
                source.Line($"scope.Key.Write({fields.Store(store)}.CurrentKey);");
            }

            IReadOnlyList<string> locals = plan.Handler.Parameters.Any(static parameter => parameter.Kind == ParameterKind.Key)
                ? KeyCode.Read(source, component.Stores[store].Key, $"{fields.Store(store)}.CurrentKey")
                : Array.Empty<string>();
            new HandlerCallEmitter(component, fields, source).Close(number, store, locals);
        }

        using (source.Block("catch (global::System.Exception exception)")) source.Line("scope.FailClose(exception);");
    }
}
