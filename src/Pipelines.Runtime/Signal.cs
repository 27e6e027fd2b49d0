using System.Threading.Channels;

namespace Pipelines.Runtime;

/// <summary>Wakes one waiter; a wake that nobody waits for is kept, several are one. Waiting allocates nothing.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    internal void Set() => channel.Writer.TryWrite(true);

    internal ValueTask<bool> WaitAsync() => channel.Reader.ReadAsync();
}
