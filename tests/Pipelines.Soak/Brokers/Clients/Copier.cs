using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>
/// A member that copies: it reads committed records of its share, and writes each with where it comes from, in transactions that commit the group's offsets as this member of this
/// generation (KIP-447). Whatever it is refused, it aborts and goes on where the group is.
/// </summary>
internal sealed class Copier : IAsyncDisposable
{
    private const int MaxBytes = 32 * 1024;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(5);
    private readonly Stage stage;
    private readonly string name;
    private readonly Random random;
    private readonly Link link;
    private readonly Transactor transactor;
    private readonly Dictionary<TopicPartition, PartitionReader> readers = [];
    private Attempt? current;
    private bool isOpen;

    /// <param name="stage">The round.</param>
    /// <param name="name">What it calls itself, and its transactional id.</param>
    /// <param name="instanceId">The static member's name, or null.</param>
    /// <param name="random">Decides what is aborted, and which versions it speaks.</param>
    internal Copier(Stage stage, string name, string? instanceId, Random random)
    {
        (this.stage, this.name, this.random) = (stage, name, random);
        bool isVersion2 = random.Next(2) == 0;
        link = stage.Link(name);
        transactor = stage.Transactor(link, name, isVersion2);
        Member = new GroupMember(stage, name, instanceId, isVersion2)
        {
            Kept = kept =>
            {
                foreach (TopicPartition lost in readers.Keys.Where(one => !kept.Contains(one)).ToArray()) readers.Remove(lost);
            },
        };
    }

    internal GroupMember Member { get; }

    /// <summary>What is done at a step of a transaction, by the step and the offsets that go with it.</summary>
    internal Func<int, GroupCommit, Task>? AtStep { get; set; }

    /// <summary>Copies until the sources are read to their ends, and leaves.</summary>
    internal static async Task RunAsync(Stage stage, string name, string? instanceId, Random random)
    {
        await using var copier = new Copier(stage, name, instanceId, random);
        while (!stage.Drain.IsOver)
        {
            if (await copier.TurnAsync(commit: random.Next(6) > 0) == null) await Task.Delay(5, stage.Ending);
        }

        await copier.EndAsync();
    }

    /// <summary>One transaction.</summary>
    /// <returns>True when it was ended as it should be, false when it was refused, null when there was nothing to copy or nobody to ask.</returns>
    internal async Task<bool?> TurnAsync(bool commit)
    {
        current = null;
        try
        {
            if (!isOpen) await transactor.OpenAsync(stage.Ending);
            isOpen = true;
            await Member.StayAsync(stage.Ending);
            await TakeUpAsync();
            (Dictionary<TopicPartition, IReadOnlyList<string>> copies, Dictionary<TopicPartition, long> offsets) = await ReadAsync();
            if (copies.Count == 0) return null;
            var group = new GroupCommit(GroupMember.Group, offsets, Member.Claim);
            transactor.AtStep = step => AtStep?.Invoke(step, group) ?? Task.CompletedTask;
            current = stage.Ledger.Begin(name, copies);
            await transactor.RunAsync(current, group, commit, stage.Ending);
            if (!commit) readers.Clear();
            return true;
        }
        catch (RefusedException refused)
        {
            readers.Clear();
            await RecoverAsync(refused.Error);
            return false;
        }
        catch (BrokerConnectionException)
        {
            // Of what was read nothing is copied yet.
            readers.Clear();
            return null;
        }
    }

    /// <summary>Ends what is open, and leaves.</summary>
    internal async Task EndAsync()
    {
        if (!isOpen) await transactor.OpenAsync(stage.Ending);
        await Member.QuitAsync(stage.Ending);
    }

    public async ValueTask DisposeAsync()
    {
        await Member.DisposeAsync();
        await link.DisposeAsync();
    }

    /// <summary>Goes on with what is new in its share, where the group has committed.</summary>
    private async Task TakeUpAsync()
    {
        TopicPartition[] added = [.. Member.Owned.Where(partition => !readers.ContainsKey(partition))];
        if (added.Length == 0) return;
        foreach ((TopicPartition partition, long offset) in await GroupOffsets.FetchAsync(link, stage.Ledger.Groups, GroupMember.Group, added, stage.Ending))
            readers[partition] = new PartitionReader(stage, partition, offset);
    }

    private async Task<(Dictionary<TopicPartition, IReadOnlyList<string>> Copies, Dictionary<TopicPartition, long> Offsets)> ReadAsync()
    {
        var copies = new Dictionary<TopicPartition, IReadOnlyList<string>>();
        var offsets = new Dictionary<TopicPartition, long>();
        foreach ((TopicPartition source, PartitionReader reader) in readers)
        {
            bool isLast = stage.Drain.HasBegun;
            (List<(long Offset, string Value)> records, bool isAtEnd) = await reader.ReadAsync(await link.OpenAsync(stage.Ending), Wait, MaxBytes);
            if (isLast && records.Count == 0) stage.Drain.SawNothing(source, isAtEnd);
            if (records.Count == 0) continue;
            stage.Drain.SawSomething();
            var copy = new TopicPartition(Topics.Copy, source.Partition);
            copies[copy] = [.. copies.GetValueOrDefault(copy, []), .. records.Select(one => Copied.Text(source, one.Offset, one.Value))];
            offsets[source] = records[^1].Offset + 1;
        }

        return (copies, offsets);
    }

    /// <summary>Fenced as a member it is still the producer, and may end its transaction; anything else takes a new producer, whose coming ends it.</summary>
    private async Task RecoverAsync(ErrorCode error)
    {
        isOpen = false;
        if (!GroupMember.IsFencing(error)) return;
        Member.Leave(error);
        if (current is null || random.Next(2) == 0) return;
        try
        {
            await transactor.EndAsync(current, commit: false, stage.Ending);
            isOpen = true;
        }
        catch (RefusedException)
        {
            // Then it is opened anew.
        }
    }
}
