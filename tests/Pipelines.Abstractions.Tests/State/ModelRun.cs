using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.State;

internal delegate ref long GetState(long windowStartMs, byte[] key);

internal delegate bool TryGetState(long windowStartMs, byte[] key, out long state);

/// <summary>
/// A store and what it should hold: dictionaries that are copied whole at every record, epoch and commit. Drives both through the
/// same steps, in the order in which a task may take them, and compares them after each.
/// </summary>
internal sealed class ModelRun(StoreBase store, UndoScope undo, GetState get, TryGetState tryGet, Func<StoreBase> makeEmpty)
{
    private readonly MemoryChangelog changelog = new();
    private HashSet<(long Window, string Key)> touched = [];
    private HashSet<(long Window, string Key)> touchedBefore = [];
    private SortedDictionary<(long Window, string Key), long> states = [];
    private SortedDictionary<(long Window, string Key), long> atRecord = [];
    private SortedDictionary<(long Window, string Key), long> atEpoch = [];
    private SortedDictionary<(long Window, string Key), long>? atSealed;
    private readonly HashSet<(long Window, string Key)> known = [];

    /// <summary>What the store should hold.</summary>
    internal IReadOnlyDictionary<(long Window, string Key), long> States => states;

    internal bool IsSealed => atSealed is not null;

    internal MemoryChangelog Changelog => changelog;

    internal void BeginRecord()
    {
        undo.Sequence++;
        atRecord = new(states);
        touchedBefore = [.. touched];
    }

    internal void Touch(long window, byte[] key, long change)
    {
        (long, string) name = (window, Convert.ToHexString(key));
        ref long state = ref get(window, key);
        Assert.Equal(states.GetValueOrDefault(name), state);
        states[name] = state += change;
        touched.Add(name);
        known.Add(name);
    }

    internal void RollbackRecord()
    {
        store.RollbackRecord();
        states = new(atRecord);
        touched = [.. touchedBefore];
    }

    internal void Seal(bool wraps)
    {
        undo.Sequence++;
        store.Seal(changelog);
        if (wraps)
        {
            store.ResetStamps();
            undo.Sequence = 1;
        }

        undo.EpochStart = undo.Sequence + 1;
        atSealed = atEpoch;
        atEpoch = new(states);
        AssertWritten();
        touched = [];
        BeginRecord();
    }

    internal void Acknowledge()
    {
        store.Acknowledge();
        changelog.Commit();
        atSealed = null;
        StoreBase restored = makeEmpty();
        changelog.Replay(restored);
        Assert.Equal(atEpoch.Count, restored.Count);
        foreach (((long window, string key), long state) in atEpoch) AssertHolds(restored, window, key, state);
    }

    internal void RollbackOpen()
    {
        store.RollbackOpen();
        states = new(atEpoch);
        touched = [];
        BeginRecord();
    }

    internal void Rollback()
    {
        store.RollbackOpen();
        store.RollbackSealed();
        changelog.Drop();
        states = new(atSealed ?? atEpoch);
        atEpoch = new(states);
        atSealed = null;
        touched = [];
        BeginRecord();
    }

    /// <summary>The window was closed: its states are gone, and a record that fails later does not bring them back.</summary>
    internal void Dropped(long window)
    {
        foreach ((long Window, string Key) name in states.Keys.Where(name => name.Window == window).ToArray()) states.Remove(name);
        touched.RemoveWhere(name => name.Window == window);
        BeginRecord();
    }

    internal void AssertSame()
    {
        Assert.Equal(states.Count, store.Count);
        foreach ((long window, string key) in known)
        {
            bool isThere = tryGet(window, Convert.FromHexString(key), out long state);
            Assert.Equal(states.TryGetValue((window, key), out long expected), isThere);
            Assert.Equal(expected, state);
        }
    }

    private void AssertWritten()
    {
        // One record per key that the epoch has touched and not undone, with the key's last state.
        var written = changelog.Pending.Where(static record => record.Value is not null).ToArray();
        Assert.Equal(touched.Count, written.Length);
        Assert.Equal(touched.Count, written.Select(static record => Convert.ToHexString(record.Key)).Distinct().Count());
        // A key that was never committed is never deleted.
        var deleted = changelog.Pending.Where(static record => record.Value is null).ToArray();
        Assert.Equal(atSealed!.Keys.Count(name => IsGone(name)), deleted.Length);
    }

    private bool IsGone((long Window, string Key) name) => !states.ContainsKey(name) || RemadeWindows.Contains(name.Window);

    /// <summary>Windows that were closed and made anew in this epoch.</summary>
    internal HashSet<long> RemadeWindows { get; } = [];

    private static void AssertHolds(StoreBase restored, long window, string key, long expected)
    {
        long? at = restored is WindowStoreBase ? window : null;
        Assert.True(((IStateReader<long>)restored).TryGet(at, Convert.FromHexString(key), out long state));
        Assert.Equal(expected, state);
    }
}
