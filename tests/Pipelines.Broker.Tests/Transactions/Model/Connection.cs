namespace Pipelines.Broker.Tests.Transactions.Model;

/// <summary>A connection to one life of the engine: requests arrive in order, some late, some never, and some answers are lost.</summary>
internal sealed class Connection(TransactionModel model, LogEngine engine, long id)
{
    private Task tail = Task.CompletedTask;

    /// <summary>Sends a request.</summary>
    /// <returns>The answer, or false: nobody knows whether the request arrived, or will. The client has to leave the connection.</returns>
    internal async Task<(bool IsAnswered, T? Answer)> CallAsync<T>(Func<LogEngine, long, Task<T>> call)
    {
        switch (model.Random.Next(100))
        {
            case < 4:
                model.Count("late");
                tail = DeliverAsync(tail, call, model.Random.Next(20, 500));
                await model.PauseAsync(model.Random.Next(5, 30));
                return (false, default);
            case < 6:
                model.Count("lost requests");
                return (false, default);
            case < 10:
                model.Count("lost answers");
                tail = DeliverAsync(tail, call, 0);
                await model.PauseAsync(model.Random.Next(1, 10));
                return (false, default);
            default:
                Task<(bool, T?)> delivery = DeliverAsync(tail, call, model.Random.Next(3));
                tail = delivery;
                return await delivery;
        }
    }

    private async Task<(bool IsAnswered, T? Answer)> DeliverAsync<T>(Task before, Func<LogEngine, long, Task<T>> call, int delay)
    {
        await before;
        await model.PauseAsync(delay);
        // A connection does not outlive the process at its other end.
        if (model.Engine != engine) return (false, default);
        try
        {
            return (true, await call(engine, id));
        }
        catch (StorageFailedException)
        {
            return (false, default);
        }
    }
}
