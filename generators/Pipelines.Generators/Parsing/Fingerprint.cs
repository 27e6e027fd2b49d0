using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Sixteen hexadecimal digits that change when what is written changes: FNV-1a of a description of the type.</summary>
internal static class Fingerprint
{
    public static string Of(string place, string format, IReadOnlyList<CodedMember> members, INamedTypeSymbol type)
    {
        var text = new StringBuilder().Append(place).Append('|').Append(format);
        foreach (CodedMember member in members) Describe(member, text);
        Nested(type, text, [type.ToDisplayString(KnownTypes.Words)]);
        return Hash(text.ToString());
    }

    public static string Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char letter in text) hash = unchecked((hash ^ letter) * 1099511628211);
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static void Describe(CodedMember member, StringBuilder text) =>
        text.Append('|').Append(member.Name).Append(':').Append(member.Shape.DisplayName).Append(member.IsKey ? ":key" : "").Append(member.IsEventTime ? ":time" : "");

    private static void Nested(INamedTypeSymbol type, StringBuilder text, HashSet<string> seen)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            ITypeSymbol? memberType = member switch
            {
                IPropertySymbol { IsStatic: false } property => property.Type,
                IFieldSymbol { IsStatic: false } field => field.Type,
                _ => null,
            };
            while (memberType is IArrayTypeSymbol array) memberType = array.ElementType;
            while (memberType is INamedTypeSymbol { IsGenericType: true, TypeArguments.Length: 1 } generic) memberType = generic.TypeArguments[0];
            if (memberType is not INamedTypeSymbol nested || !ShapeParser.IsNested(nested) || !seen.Add(nested.ToDisplayString(KnownTypes.Words))) continue;
            text.Append('{').Append(nested.ToDisplayString(KnownTypes.Words));
            foreach (CodedMember inner in CodedTypeParser.Members(nested)) Describe(inner, text);
            text.Append('}');
            Nested(nested, text, seen);
        }
    }
}
