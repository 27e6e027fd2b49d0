using Pipelines.Runtime;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>A worker that stands for a process.</summary>
internal sealed record WorkerProcess(PipelineWorker Worker, MortalBroker Broker) : IAsyncDisposable
{
    /// <summary>How many partitions it runs tasks on.</summary>
    public int Held => Worker.Deployments.Single().Positions.Count;

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
