namespace Pipelines.Runtime.Tests;

[Topic("in")]
public readonly partial record struct In([Key] string Key, int Number);

[Topic("counts")]
public readonly partial record struct CountOf([Key] string Key, int Number, long Count);

[Topic("copies")]
public readonly partial record struct Copy([Key] string Key, int Number);

[Topic("configured")]
public readonly partial record struct Configured([Key] string Key, string Word);

[Detector("counter")]
public static partial class Counter
{
    public static void On(in In record, ref long count, Emit<CountOf> counts) => counts.Send(new(record.Key, record.Number, ++count));
}

/// <summary>Waits at number 100 for as long as a test says.</summary>
[Detector("slow")]
public static partial class Slow
{
    public static ManualResetEventSlim Gate { get; } = new(initialState: true);

    public static void On(in In record, Emit<Copy> copies)
    {
        if (record.Number == 100) Gate.Wait();
        copies.Send(new(record.Key, record.Number));
    }
}

[Detector("stops", OnError = OnError.Stop)]
public static partial class Stops
{
    public static void On(in In record, ref long count, Emit<CountOf> counts)
    {
        counts.Send(new(record.Key, record.Number, ++count));
        if (record.Number == 50) throw new InvalidOperationException("Fifty.");
    }
}

public sealed class ConfiguredOptions
{
    public string Word { get; set; } = "";
}

/// <summary>Made by the host, with the deployment's options.</summary>
[Detector("configured")]
public sealed partial class ConfiguredDetector(Microsoft.Extensions.Options.IOptions<ConfiguredOptions> options)
{
    public void On(in In record, Emit<Configured> configured) => configured.Send(new(record.Key, options.Value.Word));
}

[Table("names")]
public readonly partial record struct Name([Key] string Key, string Text);

[Topic("named")]
public readonly partial record struct Named([Key] string Key, int Number, string? Name);

[Detector("joins")]
public static partial class Joins
{
    public static void On(in In record, in Name? name, Emit<Named> named) => named.Send(new(record.Key, record.Number, name?.Text));
}
