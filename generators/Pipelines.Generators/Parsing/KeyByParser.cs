using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads [KeyBy]: members of the record that are its key for one handler.</summary>
internal static class KeyByParser
{
    /// <summary>The members; empty when they are the record's own key, so that nothing is to be repartitioned.</summary>
    public static EquatableArray<KeyMember> Parse(
        IMethodSymbol method, IParameterSymbol parameter, RecordReference record, AttributeData attribute, List<Diagnostic> diagnostics)
    {
        Location place = attribute.ApplicationSyntaxReference?.GetSyntax() is AttributeSyntax syntax ? syntax.GetLocation() : parameter.Locations[0];
        var members = new List<KeyMember>();
        foreach (string name in Names(attribute))
        {
            if (record.Members.FirstOrDefault(member => member.Name == name) is not { } member)
                Report($"names '{name}', which is not a member of '{record.FullName}'", "name its members, such as nameof(...)");
            else if (members.Any(known => known.Name == name))
                Report($"names '{name}' twice", "name each member once");
            else if (!RecordShape.CanBeKey(member.Shape))
                Report($"names '{name}' of type '{member.Shape.DisplayName}', which cannot be a key", "name members that are one value each");
            else
                members.Add(RecordReferenceParser.KeyOf(member));
        }

        if (members.Count == 0 && !Names(attribute).Any()) Report("names no member", "name at least one member of the record");
        if (record.IsText) Report($"re-keys '{record.FullName}', whose format is text: its value holds one member, so the others would be lost on the way", "use another Format, or re-key a wire made from it");
        return members.SequenceEqual(record.Key) ? EquatableArray<KeyMember>.Empty : members.ToEquatableArray();

        void Report(string what, string remedy) =>
            diagnostics.Add(Diagnostic.Create(DetectorRules.BadKeyBy, place, parameter.Name, method.Name, what, remedy));
    }

    private static IEnumerable<string> Names(AttributeData attribute)
    {
        foreach (TypedConstant argument in attribute.ConstructorArguments)
        {
            if (argument.Kind != TypedConstantKind.Array) yield return argument.Value as string ?? "";
            else if (!argument.IsNull)
            {
                foreach (TypedConstant element in argument.Values) yield return element.Value as string ?? "";
            }
        }
    }
}
