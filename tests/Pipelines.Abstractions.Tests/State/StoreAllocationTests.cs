using System.Buffers.Binary;
using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.State;

/// <summary>What a warm store allocates on the calling thread: nothing.</summary>
public class StoreAllocationTests
{
    private readonly UndoScope undo = new() { Sequence = 1, EpochStart = 1 };
    private readonly CountingChangelog changelog = new();

    [Fact]
    public void Updates_seals_and_acknowledgements_allocate_nothing()
    {
        var store = new Store<long, LongCodec>(1, "counter/count", undo);
        AssertFree(() =>
        {
            for (int i = 0; i < 1_000; i++) Update(store, i % 300);
            Commit(store);
        });
        Assert.Equal(300, store.Count);
        Assert.Equal(0, changelog.Writes % 300);
    }

    [Fact]
    public void Failed_records_and_undone_epochs_allocate_nothing()
    {
        var store = new Store<Note, NoteCodec>(1, "notes/note", undo);
        AssertFree(() =>
        {
            Span<byte> key = stackalloc byte[40];
            for (int i = 0; i < 200; i++)
            {
                undo.Sequence++;
                key.Fill((byte)i);
                store.GetRef(key[..(i % 40)]).Count++;
                if (i % 3 == 0) store.RollbackRecord();
            }

            store.RollbackOpen();
            undo.Sequence++;
        });
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void Windows_that_open_and_close_allocate_nothing()
    {
        var store = new WindowStore<long, LongCodec>(1, "counter/count", sizeMs: 10, graceMs: 10, undo);
        long time = 0;
        long closed = 0;
        AssertFree(() =>
        {
            Span<byte> key = stackalloc byte[4];
            for (int i = 0; i < 500; i++)
            {
                undo.Sequence++;
                BinaryPrimitives.WriteInt32BigEndian(key, i % 50);
                store.GetRef(Window.Tumbling(++time, 10).StartMs, key)++;
                store.Group.Time = time;
                while (store.BeginClosing(out _))
                {
                    while (store.MoveNext()) closed += store.Current;
                    store.EndClosing();
                }
            }

            Commit(store);
        });
        Assert.InRange(closed, time - 30, time);
    }

    private void Update(Store<long, LongCodec> store, int number)
    {
        undo.Sequence++;
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        store.GetRef(key)++;
    }

    private void Commit(StoreBase store)
    {
        undo.Sequence++;
        store.Seal(changelog);
        undo.EpochStart = ++undo.Sequence;
        store.Acknowledge();
    }

    private static void AssertFree(Action work)
    {
        for (int i = 0; i < 5; i++) work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
