using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Pipelines.Kafka.Settings;
using Pipelines.Broker.Server;

namespace Pipelines.Hosting;

/// <summary>Checks the settings at the start, and says all that is wrong at once.</summary>
internal sealed class PipelinesOptionsValidator(IConfiguration configuration) : IValidateOptions<PipelinesOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, PipelinesOptions options)
    {
        List<string> wrong = [.. SectionNames.Mistakes(configuration.GetSection(PipelinesOptions.Section))];
        if (options.Application.Length is 0 or > 100 || !options.Application.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-'))
            wrong.Add($"Pipelines:Application is '{options.Application}', but it names topics: use 1 to 100 letters, digits, '.', '_' and '-'.");
        var kafka = new List<string>();
        options.ToKafkaOptions(TimeProvider.System, kafka);
        foreach (string problem in kafka) wrong.Add($"Pipelines:Broker and Pipelines:Kafka: {problem}");
        if (options.Broker.Length == 0 && string.IsNullOrWhiteSpace(options.DataFolder))
            wrong.Add("Pipelines:DataFolder is empty, so the embedded broker has no place for its log: name a folder.");
        if (options.Listen.Length > 0 && options.Broker.Length > 0)
            wrong.Add($"Pipelines:Listen is '{options.Listen}', but it is for the embedded broker, and Pipelines:Broker is '{BootstrapAddresses.WithoutSecrets(options.Broker)}': leave one of them out.");
        if (options.Listen.Length > 0 && (!Address.TryParse(options.Listen, out Address listen) || !listen.IsLoopback))
            wrong.Add($"Pipelines:Listen is '{options.Listen}', but it has to be an address of this machine only, such as 127.0.0.1:9092: there is no login here. For others run 'pipelines broker'.");
        Check(wrong, "CommitInterval", options.CommitInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        Check(wrong, "IdleAfter", options.IdleAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        Check(wrong, "DetachAfter", options.DetachAfter, TimeSpan.Zero, TimeSpan.FromHours(1));
        if (options.DefaultPartitions is < 1 or > 10_000)
            wrong.Add($"Pipelines:DefaultPartitions is {options.DefaultPartitions}, but a topic has 1 to 10000 partitions.");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Check(List<string> wrong, string setting, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most) wrong.Add($"Pipelines:{setting} is {value}, but it must be between {least} and {most}.");
    }
}
