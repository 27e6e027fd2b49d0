using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Checks that a record type of this compilation can have a codec.</summary>
internal static class RecordShape
{
    public static IEnumerable<(DiagnosticDescriptor Rule, object[] Arguments)> Problems(INamedTypeSymbol type)
    {
        if (type.DeclaringSyntaxReferences.IsEmpty) yield break;
        string? shape =
            !type.IsRecord || type.TypeKind != TypeKind.Struct ? "is not a record struct"
            : !type.IsReadOnly ? "is not readonly"
            : type.IsGenericType ? "is generic"
            : CodedTypeParser.MustBePartial(type) ? "is not partial, or a type around it is not"
            : null;
        string remedy = "declare it as 'readonly partial record struct'";
        if (shape is null && CodedParts.TakenName(type) is { } taken) (shape, remedy) = ($"has a member '{taken}', which is what a method of its codec is called", "rename it");
        if (shape is not null)
        {
            yield return (RecordRules.RecordShape, [type.Name, shape, remedy]);
            yield break;
        }

        List<CodedMember> members = [];
        foreach ((CodedMember member, ITypeSymbol memberType) in CodedTypeParser.MembersWithTypes(type))
        {
            members.Add(member);
            if (CodedParts.ProblemOf(memberType) is { } problem) yield return (RecordRules.UnsupportedMember, [member.Name, type.Name, problem]);
            else if (member.IsKey && !CanBeKey(member.Shape)) yield return (RecordRules.UnsupportedKey, [member.Name, type.Name, member.Shape.DisplayName]);
        }

        if (ProblemOfTime(type, members) is { } time) yield return (RecordRules.EventTimeMember, [type.Name, time]);
        AttributeData? table = KnownTypes.Find(type, "TableAttribute");
        if (CodedTypeParser.FormatOf(KnownTypes.Find(type, "TopicAttribute") ?? table) == "Text" && ProblemOfText(members) is { } text)
            yield return (RecordRules.TextShape, [type.Name, text]);
        if (table is not null && !members.Any(static member => member.IsKey)) yield return (RecordRules.TableWithoutKey, [type.Name]);
    }

    /// <summary>True for one value: the bytes of a list or a struct would not be what Kafka's serializers write for anything.</summary>
    public static bool CanBeKey(Shape shape) => (shape.Kind == ShapeKind.Nullable ? shape.Element! : shape).Kind is ShapeKind.Plain or ShapeKind.Enum;

    private static string? ProblemOfTime(INamedTypeSymbol type, List<CodedMember> members)
    {
        List<CodedMember> times = members.FindAll(static member => member.IsEventTime);
        if (times.Count > 1) return $"marks both '{times[0].Name}' and '{times[1].Name}' with [EventTime]";
        if (times.Count == 1 && CodedTypeParser.IsTimed(type)) return $"implements ITimedRecord and marks '{times[0].Name}' with [EventTime]";
        return times.Count == 1 && times[0].Shape.TypeName is not ("long" or "global::System.DateTimeOffset")
            ? $"marks '{times[0].Name}' of type {times[0].Shape.DisplayName} with [EventTime]"
            : null;
    }

    private static string? ProblemOfText(List<CodedMember> members)
    {
        List<CodedMember> values = members.FindAll(static member => !member.IsKey);
        if (values.Count != 1) return $"{Wiring.Naming.Number(values.Count)} members are not its key";
        if (members.Count > 2) return $"{Wiring.Naming.Number(members.Count - 1)} members are its key";
        Shape shape = values[0].Shape.Element ?? values[0].Shape;
        return shape.TypeName is "string" or "global::Pipelines.Text" ? null : $"'{values[0].Name}' is of type {shape.DisplayName}";
    }
}
