namespace Pipelines.Kafka.Tests;

[Topic("numbers")]
public readonly partial record struct Number([Key] string Key, int Value);

[Topic("counted")]
public readonly partial record struct Counted([Key] string Key, int Value, long Count);

[Detector("counter")]
public static partial class Counter
{
    public static void On(in Number number, ref long count, Emit<Counted> counted) => counted.Send(new(number.Key, number.Value, ++count));
}

[Table("owners")]
public readonly partial record struct Owner([Key] string Key, string Name);

[Topic("owned")]
public readonly partial record struct Owned([Key] string Key, int Value, string? Name);

/// <summary>Two inputs that need the same number of partitions.</summary>
[Detector("owners")]
public static partial class Owners
{
    public static void On(in Number number, in Owner? owner, Emit<Owned> owned) => owned.Send(new(number.Key, number.Value, owner?.Name));
}

/// <summary>An input under another key, so that there is a topic of the deployment's own.</summary>
[Detector("values")]
public static partial class Values
{
    public static void On([KeyBy(nameof(Number.Value))] in Number number, ref long count, Emit<Counted> counted) => counted.Send(new(number.Key, number.Value, ++count));
}

/// <summary>How many numbers of a value a window had.</summary>
[Topic("tallied")]
public readonly partial record struct Tallied([Key] int Value, long StartMs, long Count);

/// <summary>Windows behind a topic of the deployment's own: their time comes from all tasks that write it, whichever process they run in.</summary>
[Detector("tally")]
public static partial class Tally
{
    public const long SizeMs = 10_000;

    [Tumbling("10s")]
    public static void On([KeyBy(nameof(Number.Value))] in Number number, ref long count) => count++;

    [OnClose]
    public static void Close(int value, in Window window, in long count, Emit<Tallied> tallied) => tallied.Send(new(value, window.StartMs, count));
}
