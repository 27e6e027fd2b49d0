using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.Soak;

/// <summary>The table that the joined detector looks prices up in.</summary>
internal static class Prices
{
    /// <summary>Writes all rows; again is as good as once.</summary>
    internal static async Task WriteAsync(IBroker broker)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "soak-prices");
        await writer.PrepareAsync("soak-prices", Child.Partitions, isCompacted: true);
        for (long key = 0; key < Child.Keys; key++)
        {
            if (Price.Of(key) is { } amount) writer.Send(new Price(key, amount));
        }

        await writer.CommitAsync();
    }
}
