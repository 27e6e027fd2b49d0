using System.Reflection;
using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads what the manifest says of the assembly.</summary>
internal static class AssemblyParser
{
    public static AssemblyModel Parse(Compilation compilation, CancellationToken cancellation)
    {
        string? informational = null;
        string? file = null;
        foreach (AttributeData attribute in compilation.Assembly.GetAttributes())
        {
            cancellation.ThrowIfCancellationRequested();
            if (attribute.ConstructorArguments.Length != 1) continue;
            string? value = attribute.ConstructorArguments[0].Value as string;
            if (attribute.AttributeClass?.Name == nameof(AssemblyInformationalVersionAttribute)) informational = value;
            else if (attribute.AttributeClass?.Name == nameof(AssemblyFileVersionAttribute)) file = value;
        }

        Version framework = compilation.ReferencedAssemblyNames.FirstOrDefault(static name => name.Name == "Pipelines.Abstractions")?.Version ?? new Version(0, 0, 0);
        return new AssemblyModel(compilation.AssemblyName ?? "", informational ?? file ?? "0.0.0", framework.ToString(3));
    }
}
