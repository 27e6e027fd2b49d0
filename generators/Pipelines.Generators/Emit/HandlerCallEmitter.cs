using Pipelines.Generators.Model;
using Pipelines.Generators.Wiring;

namespace Pipelines.Generators.Emit;

/// <summary>Writes what is done with one record inside one generated method: windows, look-ups, calls, drains, forwards.</summary>
/// <remarks>
/// One per method, since it names the method's locals: <c>scope</c>, <c>record</c> and, when a handler takes anything by key, <c>key</c>.
/// </remarks>
/// <param name="component">What is generated.</param>
/// <param name="fields">Its fields.</param>
/// <param name="source">Where it is written.</param>
/// <param name="running">The handler that the scope names already, or -1 when that is not known.</param>
internal sealed class HandlerCallEmitter(ComponentModel component, ComponentFields fields, SourceWriter source, int running = -1)
{
    private int running = running;
    private readonly HashSet<long> windows = new();
    private readonly HashSet<string> locals = new(StringComparer.Ordinal)
    {
        "scope", "batch", "bytes", "entries", "entry", "record", "key", "eventTime", "wire", "i", "window", "sender", "target", "exception",
    };

    /// <summary>True when a step asks for something by the record's key in this method itself.</summary>
    public static bool TakesKeyed(ComponentModel component, EquatableArray<StepModel> steps) =>
        steps.Any(step => step.Forward < 0 && component.Handlers[step.Handler].Handler.TakesKeyed);

    public void Steps(EquatableArray<StepModel> steps)
    {
        foreach (StepModel step in steps)
        {
            if (step.Forward >= 0) Forward(step);
            else Call(step.Handler);
        }
    }

    /// <summary>Calls an [OnClose] handler; its key members are locals by the names that <paramref name="keyLocals"/> gives.</summary>
    public void Close(int handler, int store, IReadOnlyList<string> keyLocals)
    {
        HandlerPlan plan = component.Handlers[handler];
        var states = new Dictionary<int, string> { [store] = $"in {fields.Store(store)}.Current" };
        for (int i = 0; i < plan.Targets.Count; i++)
        {
            if (plan.Handler.Parameters[i].Kind != ParameterKind.ClosedState || states.ContainsKey(plan.Targets[i])) continue;
            string local = Naming.Unique(Naming.Camel(plan.Handler.Parameters[i].Name) + "State", locals);
            source.Line($"{fields.Store(plan.Targets[i])}.TryGet(window.StartMs, {fields.Store(store)}.CurrentKey, out {plan.Handler.Parameters[i].TypeName} {local});");
            states.Add(plan.Targets[i], $"in {local}");
        }

        Invoke(plan, (parameter, target) => parameter.Kind switch
        {
            ParameterKind.ClosedState => states[target],
            ParameterKind.Key => keyLocals[target],
            ParameterKind.Window => In(parameter, "window"),
            _ => Common(parameter, target),
        });
    }

    private void Call(int handler)
    {
        HandlerPlan plan = component.Handlers[handler];
        if (plan.Handler.Window is not { } size)
        {
            Guarded(handler, plan, window: "");
            return;
        }

        string window = WindowLocal(size.SizeMs);
        running = -1;
        int store = plan.Targets[IndexOf(plan, ParameterKind.State)];
        using (source.Block($"if (scope.IsLate({fields.Store(store)}, {window}.EndMs))"))
        {
            if (plan.Late < 0)
            {
                source.Line($"scope.Late({Naming.Number(handler)}, in {window});");
            }
            else
            {
                Run(plan.Late);
                Invoke(component.Handlers[plan.Late], (parameter, target) => Argument(parameter, target, window, lookups: null));
            }
        }

        running = -1;
        using (source.Block("else")) Guarded(handler, plan, window);
        running = -1;
    }

    private void Run(int handler)
    {
        if (running != handler) source.Line($"scope.Handler = {Naming.Number(handler)};");
        running = handler;
    }

    /// <summary>The call inside the conditions of its inner joins.</summary>
    private void Guarded(int handler, HandlerPlan plan, string window)
    {
        Run(handler);
        var lookups = new Dictionary<int, string>();
        var conditions = new List<string>();
        for (int i = 0; i < plan.Targets.Count; i++)
        {
            ParameterModel parameter = plan.Handler.Parameters[i];
            if (parameter.Kind != ParameterKind.Lookup) continue;
            string row = Naming.Unique(Naming.Camel(parameter.Name) + "Row", locals);
            string find = $"{fields.Table(plan.Targets[i])}.TryGet(key, out {parameter.TypeName} {row})";
            if (!parameter.IsNullable)
            {
                conditions.Add(find);
                lookups.Add(i, row);
                continue;
            }

            string found = Naming.Unique(Naming.Camel(parameter.Name) + "Found", locals);
            source.Line($"{parameter.TypeName}? {found} = {find} ? {row} : null;");
            lookups.Add(i, found);
        }

        if (conditions.Count == 0)
        {
            Finish();
            return;
        }

        using (source.Block($"if ({string.Join(" && ", conditions)})")) Finish();

        void Finish()
        {
            int position = 0;
            Invoke(plan, (parameter, target) => Argument(parameter, target, window, lookups.TryGetValue(position++, out string? row) ? row : null));
        }
    }

    private void Invoke(HandlerPlan plan, Func<ParameterModel, int, string> argument)
    {
        var arguments = new List<string>();
        for (int i = 0; i < plan.Targets.Count; i++) arguments.Add(argument(plan.Handler.Parameters[i], plan.Targets[i]));
        source.Line($"{fields.Receiver(plan.Detector)}.{Naming.Identifier(plan.Handler.Name)}({string.Join(", ", arguments)});");

        // Downstream wires first: what a wire's handlers send on must find its wire empty, so that it is handled as of its own record.
        foreach (int wire in plan.Targets.Where(static target => target < -1).Select(HandlerPlan.WireOf).Distinct().OrderByDescending(static wire => wire))
        {
            running = -1;
            source.Line($"if ({fields.Wire(wire)}.Count != 0) {ComponentEmitter.Drain(component, wire)}();");
        }
    }

    private string Argument(ParameterModel parameter, int target, string window, string? lookups) => parameter.Kind switch
    {
        ParameterKind.Record => "in record",
        ParameterKind.State when component.Stores[target].Window is not null => $"ref {fields.Store(target)}.GetRef({window}.StartMs, key)",
        ParameterKind.State => $"ref {fields.Store(target)}.GetRef(key)",
        ParameterKind.Lookup => $"in {lookups}",
        ParameterKind.Window => In(parameter, window),
        _ => Common(parameter, target),
    };

    private string Common(ParameterModel parameter, int target) => parameter.Kind switch
    {
        ParameterKind.Emit => $"new global::Pipelines.Emit<{parameter.Record!.TypeName}>({fields.Outlet(target)})",
        ParameterKind.Info => "new global::Pipelines.RecordInfo(scope.Batch, scope.Position, scope.EventTime)",
        ParameterKind.Clock => "new global::Pipelines.DetectorClock(scope)",
        _ => throw new InvalidOperationException($"Parameter '{parameter.Name}' cannot be given here."),
    };

    private void Forward(StepModel step)
    {
        OutputModel output = component.Outputs[step.Forward];
        Run(step.Handler);
        using (source.Block(""))
        {
            source.Line($"{Names.EncodeBuffer} target = scratch;");
            source.Line("target.Clear();");
            KeyCode.Write(source, output.Record, output.Key, "record", "target");
            source.Line($"{fields.Output(step.Forward)}.SendKeyed(in record, target.Written);");
        }
    }

    private string WindowLocal(long sizeMs)
    {
        string local = "window" + Naming.Number(sizeMs);
        if (windows.Add(sizeMs)) source.Line($"{Names.Window} {local} = {Names.Window}.Tumbling(scope.EventTime, {Names.Literal(sizeMs)});");
        return local;
    }

    private static string In(ParameterModel parameter, string local) => parameter.IsIn ? "in " + local : local;

    private static int IndexOf(HandlerPlan plan, ParameterKind kind)
    {
        for (int i = 0; i < plan.Handler.Parameters.Count; i++)
        {
            if (plan.Handler.Parameters[i].Kind == kind) return i;
        }

        return -1;
    }
}
