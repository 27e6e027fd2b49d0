using Microsoft.CodeAnalysis;

namespace Pipelines.Generators;

/// <summary>Compiles [Detector] classes: codecs for their records, a task per component, the topology.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class DetectorGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        DetectorPipeline.Register(context);
    }
}
