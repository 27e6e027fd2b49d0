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
        Parts(type, text, [type.ToDisplayString(KnownTypes.Words)]);
        return Hash(text.ToString());
    }

    public static string Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char letter in text) hash = unchecked((hash ^ letter) * 1099511628211);
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static void Describe(CodedMember member, StringBuilder text)
    {
        text.Append('|').Append(member.Name).Append(':').Append(member.Shape.DisplayName);
        for (Shape? shape = member.Shape; shape is not null; shape = shape.Element)
        {
            // An enum of another size has other keys.
            if (shape.Kind == ShapeKind.Enum) text.Append('=').Append(shape.Underlying);
        }

        text.Append(member.IsKey ? ":key" : "").Append(member.IsEventTime ? ":time" : "");
    }

    private static void Parts(INamedTypeSymbol type, StringBuilder text, HashSet<string> seen)
    {
        foreach (INamedTypeSymbol part in CodedParts.Of(type))
        {
            if (!seen.Add(part.ToDisplayString(KnownTypes.Words))) continue;
            text.Append('{').Append(part.ToDisplayString(KnownTypes.Words));
            foreach (CodedMember inner in CodedTypeParser.Members(part)) Describe(inner, text);
            text.Append('}');
            Parts(part, text, seen);
        }
    }
}
