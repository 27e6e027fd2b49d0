namespace Pipelines.Detectors.Tests.Programs;

[Topic("jobs")] public readonly partial record struct Job([Key] string Name, int FailUntil);
[Topic("done")] public readonly partial record struct Done([Key] string Name, int Tries);
[Topic("orders")] public readonly partial record struct Order([Key] string Name, int Amount);
public readonly partial record struct Part(int Amount);
[Topic("parts")] public readonly partial record struct PartSeen([Key] string Name, long Sum);

/// <summary>Fails until it was tried often enough; what it counted in a failed try is undone, so it counts outside.</summary>
[Detector("jobs", OnError = OnError.Retry, Retries = 3, RetryDelay = "10ms")]
public sealed partial class Jobs
{
    private int tries;

    public void On(in Job job, ref int handled, Emit<Done> done)
    {
        tries++;
        handled++;
        done.Send(new(job.Name, handled));
        if (tries < job.FailUntil) throw new InvalidOperationException("Not yet.");
        tries = 0;
    }
}

/// <summary>Fails deep in a wire: what all its handlers did for the record is undone.</summary>
[Detector("orders")]
public static partial class Orders
{
    public static void On(in Order order, ref long orders, Emit<Part> parts)
    {
        orders++;
        for (int i = 0; i < order.Amount; i++) parts.Send(new(i));
    }

    public static void On(in Part part, ref long sum, DetectorClock clock, Emit<PartSeen> seen)
    {
        if (part.Amount == 3) throw new InvalidOperationException("The fourth part is missing.");
        sum += part.Amount + 1;
        seen.Send(new(clock.NewGuid().ToString(), sum));
    }
}
