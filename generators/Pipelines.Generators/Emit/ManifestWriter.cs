using System.Globalization;
using Pipelines.Generators.Model;
using Pipelines.Generators.Wiring;

namespace Pipelines.Generators.Emit;

/// <summary>Writes the manifest: what a deployment contains, for tools and for the plan of a deploy.</summary>
internal static class ManifestWriter
{
    public static string Write(TopologyModel topology, AssemblyModel assembly)
    {
        JsonText json = new JsonText().Object()
            .Value("framework", assembly.Framework)
            .Value("deployment", assembly.Name)
            .Value("version", assembly.Version)
            .Array("detectors");
        foreach (IGrouping<string, HandlerPlan> detector in topology.Components.SelectMany(static component => component.Handlers).GroupBy(static plan => plan.Detector.Name).OrderBy(static group => group.Key, StringComparer.Ordinal))
            WriteDetector(json, detector.First().Detector, detector);
        json.EndArray().Array("records");
        foreach (RecordReference record in TopologyEmitter.RecordsOf(topology)) WriteRecord(json, record);
        json.EndArray().Array("components");
        foreach (ComponentModel component in topology.Components) WriteComponent(json, component);
        json.EndArray().Array("edges");
        foreach (Edge edge in topology.Components.SelectMany(TopologyEdges.Of).Distinct())
            json.Object().Value("from", edge.From.ToString()).Value("to", edge.To.ToString()).Value("kind", edge.Kind).Value("record", edge.Record).EndObject();
        return json.EndArray().EndObject().ToString();
    }

    private static void WriteDetector(JsonText json, DetectorHeader detector, IEnumerable<HandlerPlan> handlers)
    {
        json.Object()
            .Value("name", detector.Name)
            .Value("type", detector.FullName)
            .Value("instance", !detector.IsStatic)
            .Value("onError", Camel(detector.OnError));
        if (detector.OnError == "Retry") json.Value("retries", detector.Retries).Value("retryDelayMs", detector.RetryDelayMs);
        json.Array("handlers");
        foreach (HandlerPlan plan in handlers)
        {
            HandlerModel handler = plan.Handler;
            json.Object().Value("name", handler.Name).Value("kind", handler.Kind switch { HandlerKind.Close => "onClose", HandlerKind.Late => "onLate", _ => "record" });
            if (handler.Input is { } input) json.Value("input", input.FullName);
            if (handler.KeyBy.Count > 0) json.Values("keyBy", handler.KeyBy.Select(static member => member.Name));
            if (handler.Window is { } window) json.Object("tumbling").Value("sizeMs", window.SizeMs).Value("graceMs", window.GraceMs).EndObject();
            Names(json, "stores", handler, ParameterKind.State, static parameter => parameter.Name);
            Names(json, "closes", handler, ParameterKind.ClosedState, static parameter => parameter.Name);
            Names(json, "tables", handler, ParameterKind.Lookup, static parameter => parameter.Record!.FullName);
            Names(json, "outputs", handler, ParameterKind.Emit, static parameter => parameter.Record!.FullName);
            json.EndObject();
        }

        json.EndArray().EndObject();
    }

    private static void Names(JsonText json, string name, HandlerModel handler, ParameterKind kind, Func<ParameterModel, string> select)
    {
        List<string> found = handler.Parameters.Where(parameter => parameter.Kind == kind).Select(select).ToList();
        if (found.Count > 0) json.Values(name, found);
    }

    private static void WriteRecord(JsonText json, RecordReference record)
    {
        json.Object().Value("name", record.FullName).Value("kind", Camel(record.Place.ToString()));
        if (record.Topic.Length > 0) json.Value("topic", record.Topic);
        json.Value("format", Camel(record.Format)).Value("fingerprint", record.Fingerprint).Array("members");
        foreach (CodedMember member in record.Members)
        {
            json.Object().Value("name", member.Name).Value("type", member.Shape.DisplayName);
            if (member.IsKey) json.Value("key", true);
            if (member.IsEventTime) json.Value("eventTime", true);
            json.EndObject();
        }

        json.EndArray().EndObject();
    }

    private static void WriteComponent(JsonText json, ComponentModel component)
    {
        json.Object().Value("name", component.Name).Array("inputs");
        foreach (InputModel input in component.Inputs)
            json.Object().Value("topic", input.Topic).Value("kind", Camel(input.Kind.ToString())).Value("record", input.Record.FullName).Values("key", input.Key.Select(static member => member.Name)).EndObject();
        json.EndArray().Array("outputs");
        foreach (OutputModel output in component.Outputs)
        {
            json.Object().Value("topic", output.Topic).Value("internal", output.IsInternal).Value("record", output.Record.FullName).Values("key", output.Key.Select(static member => member.Name));
            if (output.IsInternal)
            {
                json.Array("timeSources");
                foreach (TimeSourceModel time in output.TimeSources) json.Object().Value("input", time.Input).Value("lagMs", time.LagMs).EndObject();
                json.EndArray();
            }

            json.EndObject();
        }

        json.EndArray().Values("wires", component.Wires.Select(static wire => wire.Record.FullName)).Array("stores");
        foreach (StoreModel store in component.Stores)
        {
            json.Object()
                .Value("id", store.Id.ToString("x8", CultureInfo.InvariantCulture))
                .Value("detector", store.Detector)
                .Value("name", store.Name)
                .Value("type", store.State.DisplayName)
                .Values("key", store.Key.Select(static member => member.DisplayName))
                .Value("fingerprint", store.State.Fingerprint);
            if (store.Window is { } window) json.Value("windowMs", window.SizeMs).Value("graceMs", window.GraceMs);
            json.Values("inputs", store.Inputs).EndObject();
        }

        json.EndArray().Array("coPartitioned");
        foreach (EquatableArray<int> group in component.CoPartitioned) json.Object().Values("inputs", group).EndObject();
        json.EndArray().EndObject();
    }

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name.Substring(1);
}
