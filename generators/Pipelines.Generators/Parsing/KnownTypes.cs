using Microsoft.CodeAnalysis;

namespace Pipelines.Generators.Parsing;

/// <summary>The types of Pipelines.Abstractions that detectors name, found by name: looking symbols up costs more than comparing two strings.</summary>
internal static class KnownTypes
{
    /// <summary>Types with <c>global::</c> and without <c>?</c> on references, which no generated type argument needs.</summary>
    public static readonly SymbolDisplayFormat Global = SymbolDisplayFormat.FullyQualifiedFormat;

    /// <summary>Types in C# words, for messages and manifests.</summary>
    public static readonly SymbolDisplayFormat Words = SymbolDisplayFormat.FullyQualifiedFormat
        .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary>True for the type of that name in namespace Pipelines.</summary>
    public static bool Is(ITypeSymbol? type, string name) =>
        type is not null && type.Name == name && IsInPipelines(type);

    public static bool IsInPipelines(ITypeSymbol type) =>
        type.ContainingNamespace is { Name: "Pipelines", ContainingNamespace.IsGlobalNamespace: true };

    public static AttributeData? Find(ISymbol symbol, string attribute)
    {
        foreach (AttributeData data in symbol.GetAttributes())
        {
            if (Is(data.AttributeClass, attribute)) return data;
        }

        return null;
    }

    /// <summary>The attribute's name without its suffix, also when the compiler cannot find it.</summary>
    public static string ShortName(AttributeData data)
    {
        string name = data.AttributeClass?.Name ?? "";
        return name.EndsWith("Attribute", StringComparison.Ordinal) ? name.Substring(0, name.Length - "Attribute".Length) : name;
    }
}
