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
