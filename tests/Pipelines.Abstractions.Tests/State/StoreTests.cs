using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.State;

public class StoreTests
{
    private readonly UndoScope undo = new() { Sequence = 1, EpochStart = 1 };
    private readonly MemoryChangelog changelog = new();

    [Fact]
    public void A_changelog_key_is_the_stores_number_and_the_key()
    {
        var store = new Store<long, LongCodec>(0x01020304, "counter/count", undo);
        store.GetRef("ab"u8) = 5;
        store.Seal(changelog);
        (byte[] key, byte[]? value) = Assert.Single(changelog.Pending);
        Assert.Equal("010203046162", Convert.ToHexString(key));
        Assert.Equal("0000000000000005", Convert.ToHexString(value!));
    }

    [Fact]
    public void A_windows_changelog_key_has_its_start_between_number_and_key()
    {
        var store = new WindowStore<long, LongCodec>(0x01020304, "counter/count", sizeMs: 10, graceMs: 0, undo);
        store.GetRef(-10, "ab"u8) = 5;
        store.Seal(changelog);
        Assert.Equal("01020304FFFFFFFFFFFFFFF66162", Convert.ToHexString(Assert.Single(changelog.Pending).Key));
    }

    [Fact]
    public void A_key_changed_by_many_records_is_written_once_with_its_last_state()
    {
        var store = new Store<long, LongCodec>(1, "counter/count", undo);
        for (int i = 0; i < 100; i++)
        {
            undo.Sequence++;
            store.GetRef("k"u8)++;
        }

        store.Seal(changelog);
        LongCodec.Read(Assert.Single(changelog.Pending).Value, out long state);
        Assert.Equal(100, state);
    }

    [Fact]
    public void A_key_that_only_a_failed_record_knew_leaves_nothing_behind()
    {
        var store = new Store<Note, NoteCodec>(1, "notes/note", undo);
        store.GetRef("a key that is longer than a slot"u8) = new Note("text", 1);
        store.RollbackRecord();
        Assert.Equal(0, store.Count);
        Assert.False(store.TryGet("a key that is longer than a slot"u8, out _));
        store.Seal(changelog);
        Assert.Empty(changelog.Pending);
    }

    [Fact]
    public void States_with_references_are_undone_and_restored()
    {
        var store = new Store<Note, NoteCodec>(1, "notes/note", undo);
        store.GetRef("k"u8) = new Note("first", 1);
        undo.Sequence++;
        store.GetRef("k"u8) = new Note(null, 2);
        store.RollbackRecord();
        Assert.True(store.TryGet("k"u8, out Note note));
        Assert.Equal(new Note("first", 1), note);
        store.Seal(changelog);
        changelog.Commit();
        var restored = new Store<Note, NoteCodec>(1, "notes/note", new UndoScope());
        changelog.Replay(restored);
        Assert.True(restored.TryGet("k"u8, out note));
        Assert.Equal(new Note("first", 1), note);
    }

    [Fact]
    public void Closing_a_window_deletes_its_committed_keys_only()
    {
        var store = new WindowStore<long, LongCodec>(1, "counter/count", sizeMs: 10, graceMs: 5, undo);
        store.GetRef(0, "old"u8) = 1;
        Commit(store);
        store.GetRef(0, "new"u8) = 2;
        store.Group.Time = 14;
        Assert.False(store.BeginClosing(out _));
        store.Group.Time = 15;
        Assert.True(store.BeginClosing(out Window window));
        Assert.Equal(new Window(0, 10), window);
        store.EndClosing();
        store.Seal(changelog);
        (byte[] key, byte[]? value) = Assert.Single(changelog.Pending);
        Assert.Equal("old"u8.ToArray(), key[12..]);
        Assert.Null(value);
    }

    [Fact]
    public void Closing_walks_the_keys_in_the_order_of_their_bytes_however_they_came()
    {
        var random = new Random(5);
        byte[][] keys = Keys.Make(random, 500);
        var walks = new List<string>();
        for (int round = 0; round < 2; round++)
        {
            random.Shuffle(keys);
            var store = new WindowStore<long, LongCodec>(1, "counter/count", sizeMs: 10, graceMs: 0, undo);
            foreach (byte[] key in keys) store.GetRef(0, key) = 1;
            store.Group.Time = 10;
            Assert.True(store.BeginClosing(out _));
            var walk = new List<string>();
            while (store.MoveNext()) walk.Add(Convert.ToHexString(store.CurrentKey));
            Assert.Equal(walk.Order(StringComparer.Ordinal), walk);
            walks.Add(string.Join(' ', walk));
        }

        Assert.Equal(walks[0], walks[1]);
    }

    [Fact]
    public void A_windows_changelog_key_that_is_too_short_names_the_store()
    {
        var store = new WindowStore<long, LongCodec>(1, "counter/count", sizeMs: 10, graceMs: 0, undo);
        RecordFormatException malformed = Assert.Throws<RecordFormatException>(() => store.Restore([1, 2, 3], new byte[8], isNull: false));
        Assert.Contains("counter/count", malformed.Message, StringComparison.Ordinal);
        Assert.Contains("3 bytes", malformed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_that_does_not_decode_leaves_the_store_as_it_was()
    {
        var store = new Store<long, LongCodec>(1, "counter/count", undo);
        Assert.Throws<RecordFormatException>(() => store.Restore("k"u8, [1, 2], isNull: false));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void Asking_with_a_window_where_there_is_none_and_the_other_way_round_is_refused()
    {
        IStateReader<long> plain = new Store<long, LongCodec>(1, "a/plain", undo);
        IStateReader<long> windowed = new WindowStore<long, LongCodec>(2, "a/windowed", sizeMs: 10, graceMs: 0, undo);
        Assert.Contains("a/plain", Assert.Throws<InvalidOperationException>(() => plain.TryGet(0, "k"u8, out _)).Message, StringComparison.Ordinal);
        Assert.Contains("a/windowed", Assert.Throws<InvalidOperationException>(() => windowed.TryGet(null, "k"u8, out _)).Message, StringComparison.Ordinal);
    }

    private void Commit(StoreBase store)
    {
        undo.Sequence++;
        store.Seal(changelog);
        undo.EpochStart = ++undo.Sequence;
        store.Acknowledge();
        changelog.Commit();
    }
}
