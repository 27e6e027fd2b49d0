using System.Collections.Immutable;

namespace Pipelines.Generators.Model;

/// <summary>The types that one declaration needs codecs for.</summary>
/// <param name="Types">Records, and structs inside of records and states.</param>
/// <param name="States">States.</param>
internal sealed record UsedTypes(EquatableArray<CodedType> Types, EquatableArray<StateType> States)
{
    /// <summary>Each type once, by name. A type that is a record anywhere is one everywhere.</summary>
    public static IEnumerable<CodedType> Distinct(params ImmutableArray<UsedTypes>[] used)
    {
        var types = new SortedDictionary<string, CodedType>(StringComparer.Ordinal);
        foreach (ImmutableArray<UsedTypes> part in used)
        {
            foreach (UsedTypes one in part)
            {
                foreach (CodedType type in one.Types)
                {
                    types[type.FullName] = !types.TryGetValue(type.FullName, out CodedType? known)
                        ? type
                        : (type.IsRecord ? type : known) with { IsPart = known.IsPart || type.IsPart };
                }
            }
        }

        return types.Values;
    }

    public static IEnumerable<StateType> DistinctStates(ImmutableArray<UsedTypes> used)
    {
        var states = new SortedDictionary<string, StateType>(StringComparer.Ordinal);
        foreach (UsedTypes one in used)
        {
            foreach (StateType state in one.States) states[state.CodecName] = state;
        }

        return states.Values;
    }
}
