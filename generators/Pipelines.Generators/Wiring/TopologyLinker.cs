using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;
using Pipelines.Generators.Parsing;

namespace Pipelines.Generators.Wiring;

/// <summary>Fits detectors together: which belong to one component, and what each component does.</summary>
internal static class TopologyLinker
{
    public static TopologyModel Link(IEnumerable<DetectorModel> detectors)
    {
        var violations = new List<TopologyViolation>();
        List<DetectorModel> known = Distinct(detectors, violations);
        bool isComplete = !known.Any(static detector => detector.IsBroken);
        var components = new List<ComponentModel>();
        // File names are told apart without case.
        var classNames = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (List<DetectorModel> group in Groups(known))
        {
            string name = string.Join("+", group.Select(static detector => detector.Name));
            if (new ComponentLinker(name, ClassName(group, classNames), group, isComplete, violations).Link() is { } component)
                components.Add(component);
        }

        InternalTopicNames.Check(components, violations);
        CheckStoreNumbers(components, violations);
        return new TopologyModel(components.ToEquatableArray(), violations.ToEquatableArray());
    }

    /// <summary>By name; of two with one name the second is left out and reported.</summary>
    private static List<DetectorModel> Distinct(IEnumerable<DetectorModel> detectors, List<TopologyViolation> violations)
    {
        var known = new List<DetectorModel>();
        foreach (DetectorModel detector in detectors.OrderBy(static detector => detector.Name, StringComparer.Ordinal).ThenBy(static detector => detector.FullName, StringComparer.Ordinal))
        {
            if (known.Count > 0 && known[known.Count - 1].Name == detector.Name)
                violations.Add(new TopologyViolation(TopologyRules.DuplicateDetector, detector.FullName, -1, -1, new[] { known[known.Count - 1].FullName, detector.FullName, detector.Name }.ToEquatableArray()));
            else
                known.Add(detector);
        }

        return known;
    }

    private static void CheckStoreNumbers(List<ComponentModel> components, List<TopologyViolation> violations)
    {
        var known = new Dictionary<uint, StoreModel>();
        foreach (ComponentModel component in components)
        {
            foreach (StoreModel store in component.Stores)
            {
                if (!known.TryGetValue(store.Id, out StoreModel? other))
                {
                    known.Add(store.Id, store);
                    continue;
                }

                string detector = component.Handlers.First(plan => plan.Detector.Name == store.Detector).Detector.FullName;
                violations.Add(new TopologyViolation(TopologyRules.StoreNumber, detector, -1, -1, new[] { $"{other.Detector}/{other.Name}", $"{store.Detector}/{store.Name}", Naming.Number(store.Id) }.ToEquatableArray()));
            }
        }
    }

    /// <summary>Detectors that a wire connects belong together.</summary>
    private static List<List<DetectorModel>> Groups(List<DetectorModel> detectors)
    {
        var leader = new int[detectors.Count];
        var firstOnWire = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < detectors.Count; i++)
        {
            leader[i] = i;
            foreach (HandlerModel handler in detectors[i].Handlers)
            {
                Connect(handler.Input, i);
                foreach (ParameterModel parameter in handler.Parameters)
                {
                    if (parameter.Kind == ParameterKind.Emit) Connect(parameter.Record, i);
                }
            }
        }

        var groups = new SortedDictionary<int, List<DetectorModel>>();
        for (int i = 0; i < detectors.Count; i++)
        {
            int at = LeaderOf(i);
            if (!groups.TryGetValue(at, out List<DetectorModel>? group)) groups.Add(at, group = new List<DetectorModel>());
            group.Add(detectors[i]);
        }

        return groups.Values.ToList();

        void Connect(RecordReference? record, int detector)
        {
            if (record is not { Place: RecordPlace.Wire }) return;
            if (!firstOnWire.TryGetValue(record.TypeName, out int other)) firstOnWire.Add(record.TypeName, detector);
            else
            {
                int left = LeaderOf(other);
                int right = LeaderOf(detector);
                leader[Math.Max(left, right)] = Math.Min(left, right);
            }
        }

        int LeaderOf(int detector)
        {
            while (leader[detector] != detector) detector = leader[detector];
            return detector;
        }
    }

    /// <summary>A class name made of the detectors' names: <c>word-count</c> becomes <c>WordCountTask</c>.</summary>
    private static string ClassName(List<DetectorModel> group, HashSet<string> taken)
    {
        string name = string.Concat(group.Take(3).Select(static detector => Naming.Pascal(detector.Name)));
        if (group.Count > 3) name += "And" + Naming.Number(group.Count - 3);
        return Naming.Unique(name + "Task", taken);
    }
}
