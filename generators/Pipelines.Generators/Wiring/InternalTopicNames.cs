using Pipelines.Generators.Model;
using Pipelines.Generators.Parsing;

namespace Pipelines.Generators.Wiring;

/// <summary>Names of internal topics, which outlive a build: a detector that is added must not rename the topics of the others.</summary>
internal static class InternalTopicNames
{
    /// <summary>
    /// A wire belongs to one component, so record and key name its topic. A topic's records can be re-keyed by several components, so there the
    /// detector comes first.
    /// </summary>
    public static string Of(DetectorModel detector, RecordReference record, EquatableArray<KeyMember> key)
    {
        string name = $"{Naming.Kebab(record.ShortName)}-by-{string.Join("-", key.Select(static member => Naming.Kebab(member.Name)))}";
        return record.Place == RecordPlace.Wire ? name : $"{detector.Name}.{name}";
    }

    public static void Check(List<ComponentModel> components, List<TopologyViolation> violations)
    {
        var known = new Dictionary<string, RecordReference>(StringComparer.Ordinal);
        foreach (ComponentModel component in components)
        {
            foreach (InputModel input in component.Inputs)
            {
                if (input.Kind != InputKind.Internal) continue;
                if (!known.TryGetValue(input.Topic, out RecordReference? other))
                {
                    known.Add(input.Topic, input.Record);
                    continue;
                }

                HandlerPlan handler = component.Handlers[input.Steps[0].Handler];
                violations.Add(new TopologyViolation(TopologyRules.InternalTopicName, handler.Detector.FullName, -1, -1, new[] { other.FullName, input.Record.FullName, input.Topic }.ToEquatableArray()));
            }
        }
    }
}
