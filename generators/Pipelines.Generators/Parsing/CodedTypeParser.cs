using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads the structs that codecs are written for.</summary>
internal static class CodedTypeParser
{
    /// <summary>Members of <c>IRecord</c>.</summary>
    private static readonly string[] ContractNames = ["Schema", "HasKey", "WriteKey", "WriteValue", "Read", "EventTime"];

    /// <summary>A record and the structs inside of it; nothing for a type that has its codec already, in another assembly.</summary>
    public static void AddRecord(INamedTypeSymbol type, List<CodedType> into) => Add(type, isRecord: true, into);

    /// <summary>A struct that is a state, or part of one.</summary>
    public static void AddStruct(INamedTypeSymbol type, List<CodedType> into) => Add(type, isRecord: false, into);

    private static void Add(INamedTypeSymbol type, bool isRecord, List<CodedType> into)
    {
        string fullName = type.ToDisplayString(KnownTypes.Words);
        if (into.Any(known => known.FullName == fullName && known.IsRecord == isRecord)) return;
        if (Declarations(type) is not { } declarations) return;
        List<CodedMember> members = [.. Members(type)];
        // What a rule reports gets no codec that would not compile. A table without a key does compile.
        if (isRecord && RecordShape.Problems(type).Any(static found => found.Rule != RecordRules.TableWithoutKey)) return;
        if (CodedParts.TakenName(type) is not null || CodedParts.ProblemOfParts(type) is not null) return;
        AttributeData? topic = KnownTypes.Find(type, "TopicAttribute");
        AttributeData? table = topic is null ? KnownTypes.Find(type, "TableAttribute") : null;
        string place = topic is not null ? "Topic" : table is not null ? "Table" : "Wire";
        string format = FormatOf(topic ?? table);
        into.Add(new CodedType(
            fullName,
            type.ToDisplayString(KnownTypes.Global),
            type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() : "",
            declarations.ToEquatableArray(),
            isRecord,
            IsPart: !isRecord,
            place,
            TopicOf(topic ?? table),
            format,
            members.ToEquatableArray(),
            Fingerprint.Of(place, format, members, type),
            ContractNames.Where(name => type.Name == name || !type.GetMembers(name).IsEmpty).ToEquatableArray(),
            IsTimed(type)));
        foreach (INamedTypeSymbol part in CodedParts.Of(type)) AddStruct(part, into);
    }

    /// <summary>True for a record that finds out its event time itself.</summary>
    public static bool IsTimed(INamedTypeSymbol type) =>
        type.Interfaces.Any(static found => found is { Name: "ITimedRecord", ContainingNamespace: { Name: "Pipelines", ContainingNamespace.IsGlobalNamespace: true } });

    /// <summary>The members that are written: the parameters of the record's own constructor, then what can be set.</summary>
    public static IEnumerable<CodedMember> Members(INamedTypeSymbol type) => MembersWithTypes(type).Select(static found => found.Member);

    /// <summary>The members that are written, each with its type.</summary>
    public static IEnumerable<(CodedMember Member, ITypeSymbol Type)> MembersWithTypes(INamedTypeSymbol type)
    {
        var positional = new HashSet<string>(StringComparer.Ordinal);
        if (Primary(type) is { } constructor)
        {
            foreach (IParameterSymbol parameter in constructor.Parameters)
            {
                positional.Add(parameter.Name);
                IPropertySymbol? property = type.GetMembers(parameter.Name).OfType<IPropertySymbol>().FirstOrDefault();
                yield return (new CodedMember(
                    parameter.Name, ShapeParser.Parse(parameter.Type), IsPositional: true, Has(parameter, property, "KeyAttribute"), Has(parameter, property, "EventTimeAttribute")), parameter.Type);
            }
        }

        foreach (ISymbol member in type.GetMembers())
        {
            if (member.IsStatic || member.IsImplicitlyDeclared || positional.Contains(member.Name)) continue;
            ITypeSymbol? memberType = member switch
            {
                IPropertySymbol { IsIndexer: false, SetMethod: not null } property when IsAuto(property) => property.Type,
                IFieldSymbol { IsReadOnly: false, IsConst: false } field => field.Type,
                _ => null,
            };
            if (memberType is null) continue;
            yield return (new CodedMember(
                member.Name, ShapeParser.Parse(memberType), IsPositional: false, Has(member, null, "KeyAttribute"), Has(member, null, "EventTimeAttribute")), memberType);
        }
    }

    /// <summary>The constructor that a record was declared with, or null.</summary>
    private static IMethodSymbol? Primary(INamedTypeSymbol type)
    {
        if (!type.IsRecord) return null;
        foreach (IMethodSymbol constructor in type.InstanceConstructors)
        {
            if (constructor.Parameters.Length == 0) continue;
            // Metadata does not say which constructor is the record's own: the one whose parameters all have properties.
            bool isOwn = constructor.DeclaringSyntaxReferences.IsEmpty
                ? constructor.Parameters.All(parameter => type.GetMembers(parameter.Name).OfType<IPropertySymbol>().Any())
                : constructor.DeclaringSyntaxReferences.Any(static reference => reference.GetSyntax() is RecordDeclarationSyntax);
            if (isOwn) return constructor;
        }

        return null;
    }

    /// <summary>The headers of the partial declarations, or null when the type or one around it is not partial or not in this compilation.</summary>
    private static List<string>? Declarations(INamedTypeSymbol type)
    {
        var headers = new List<string>();
        for (INamedTypeSymbol? at = type; at is not null; at = at.ContainingType)
        {
            if (at.DeclaringSyntaxReferences.IsEmpty || at.IsGenericType) return null;
            bool isPartial = at.DeclaringSyntaxReferences.Any(static reference =>
                reference.GetSyntax() is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(static modifier => modifier.Text == "partial"));
            if (!isPartial) return null;
            string keyword = at switch
            {
                { IsRecord: true, TypeKind: TypeKind.Struct } => "record struct",
                { IsRecord: true } => "record",
                { TypeKind: TypeKind.Struct } => "struct",
                { TypeKind: TypeKind.Interface } => "interface",
                _ => "class",
            };
            headers.Insert(0, $"partial {keyword} {Wiring.Naming.Identifier(at.Name)}");
        }

        return headers;
    }

    /// <summary>True for a type of this compilation that no codec can be added to, since it or one around it is not partial.</summary>
    public static bool MustBePartial(INamedTypeSymbol type) => !type.DeclaringSyntaxReferences.IsEmpty && Declarations(type) is null;

    /// <summary>Of another assembly only what is public is known; there a property that can be set counts.</summary>
    private static bool IsAuto(IPropertySymbol property) =>
        property.ContainingType.DeclaringSyntaxReferences.IsEmpty
        || property.ContainingType.GetMembers().OfType<IFieldSymbol>().Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private static bool Has(ISymbol symbol, ISymbol? other, string attribute) =>
        KnownTypes.Find(symbol, attribute) is not null || (other is not null && KnownTypes.Find(other, attribute) is not null);

    internal static string TopicOf(AttributeData? crossing) =>
        crossing?.ConstructorArguments.Length > 0 && crossing.ConstructorArguments[0].Value is string name ? name : "";

    internal static string FormatOf(AttributeData? crossing)
    {
        if (crossing is not null)
        {
            foreach (KeyValuePair<string, TypedConstant> argument in crossing.NamedArguments)
            {
                if (argument.Key == "Format") return argument.Value.Value switch { 1 => "Json", 2 => "Text", _ => "MessagePack" };
            }
        }

        return "MessagePack";
    }
}
