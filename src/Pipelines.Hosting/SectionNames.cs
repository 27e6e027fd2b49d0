using Microsoft.Extensions.Configuration;
using Pipelines.Kafka.Settings;

namespace Pipelines.Hosting;

/// <summary>Finds names in the section of a pipeline host that nothing reads: a mistyped setting would silently keep its usual value.</summary>
internal static class SectionNames
{
    private const string Deployments = "Deployments";

    private static readonly string[] Known = [.. typeof(PipelinesOptions).GetProperties().Select(static property => property.Name), Deployments];

    /// <summary>A sentence for each name that is not known. Values are in none of them.</summary>
    internal static IEnumerable<string> Mistakes(IConfigurationSection section)
    {
        foreach (IConfigurationSection setting in section.GetChildren())
        {
            if (!Known.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            {
                string remedy = Spelling.Nearest(setting.Key, Known) is { } meant ? $"Did you mean '{section.Path}:{meant}'?" : $"There are {string.Join(", ", Known.Order(StringComparer.Ordinal))}.";
                yield return $"There is no setting '{setting.Path}'. {remedy}";
            }
            else if (setting.Key.Equals(nameof(PipelinesOptions.Kafka), StringComparison.OrdinalIgnoreCase))
            {
                // The names have dots, which look like levels.
                foreach (IConfigurationSection nested in setting.GetChildren().Where(static name => name.GetChildren().Any()))
                    yield return $"'{nested.Path}' has settings below it, but nothing reads them: write the whole name as one, such as '{setting.Path}:{nested.Key}.{nested.GetChildren().First().Key}'.";
            }
        }
    }
}
