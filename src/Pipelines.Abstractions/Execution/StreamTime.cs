using System.Buffers.Binary;
using Pipelines.Topology;

namespace Pipelines.Execution;

/// <summary>The stream time of a component's inputs, and of the groups of inputs that close windows.</summary>
/// <remarks>
/// The time of an external input is the greatest event time seen in it. An internal input has one writer per task of the
/// component; its time is the least of theirs, and comes in markers, not from its records: a record tells only how far its own
/// writer was. The time of a group is the least of its inputs that are not idle, never goes back, and closes windows.
/// </remarks>
internal sealed class StreamTime
{
    /// <summary>No event seen yet.</summary>
    internal const long Unknown = long.MinValue;

    private readonly Input[] inputs;
    private readonly List<(TimeGroup Group, int[] Inputs)> groups = [];
    private long[] committed;
    private long[] sealedTimes;
    private bool isSealed;

    internal StreamTime(IReadOnlyList<InputDefinition> definitions, int writers)
    {
        inputs = new Input[definitions.Count];
        for (int i = 0; i < inputs.Length; i++)
            inputs[i] = new Input(definitions[i].Kind == InputKind.Internal ? writers : 1);
        committed = new long[SnapshotLength];
        sealedTimes = new long[SnapshotLength];
        Save(committed);
    }

    /// <summary>True when a group's time has reached a window's close.</summary>
    internal bool CloseDue { get; set; }

    /// <summary>True when a time has moved since the last seal.</summary>
    internal bool Moved { get; private set; }

    private int SnapshotLength
    {
        get
        {
            int length = 0;
            foreach (Input input in inputs) length += input.Times.Length;
            return length;
        }
    }

    /// <summary>The stream time of an input.</summary>
    internal long Of(int input) => inputs[input].Time;

    /// <summary>True when nothing has come on the input for the idle bound.</summary>
    internal bool IsIdle(int input) => inputs[input].IsIdle;

    internal void Add(TimeGroup group, IReadOnlyList<int> members) => groups.Add((group, [.. members]));

    /// <summary>A record of an external input was seen.</summary>
    internal void Observe(int input, long eventTimeMs)
    {
        Input at = inputs[input];
        if (eventTimeMs <= at.Time && !at.IsIdle) return;
        at.SetOnly(Math.Max(eventTimeMs, at.Time));
        Moved = true;
        if (groups.Count > 0) Recompute();
    }

    /// <summary>A writer of an internal input tells its time.</summary>
    internal void Observe(int input, int writer, long timeMs, bool isIdle)
    {
        Input at = inputs[input];
        if ((uint)writer >= (uint)at.Times.Length) return;
        at.Set(writer, Math.Max(timeMs, at.Times[writer]), isIdle);
        Recompute();
    }

    /// <summary>The input's partition has been empty for the idle bound, or is no longer.</summary>
    internal void SetIdle(int input, bool isIdle)
    {
        Input at = inputs[input];
        if (at.Times.Length != 1 || at.IsIdle == isIdle) return;
        at.Set(0, at.Time, isIdle);
        Recompute();
    }

    /// <summary>The time that bounds what <paramref name="output"/> may still carry, and whether all that feeds it is idle.</summary>
    internal (long Time, bool IsIdle) Writer(OutputDefinition output)
    {
        long least = long.MaxValue;
        long greatest = Unknown;
        bool isIdle = true;
        foreach (TimeSource source in output.TimeSources)
        {
            long time = inputs[source.Input].Time;
            if (time != Unknown) time -= source.LagMs;
            if (time > greatest) greatest = time;
            if (inputs[source.Input].IsIdle) continue;
            isIdle = false;
            if (time < least) least = time;
        }

        return (isIdle ? greatest : least, isIdle);
    }

    internal void Seal()
    {
        (sealedTimes, isSealed, Moved) = (Saved(sealedTimes), true, false);
    }

    internal void Acknowledge()
    {
        if (!isSealed) return;
        (committed, sealedTimes) = (sealedTimes, committed);
        isSealed = false;
    }

    internal void RollbackOpen() => Load(isSealed ? sealedTimes : committed);

    internal void RollbackSealed()
    {
        isSealed = false;
        Load(committed);
    }

    /// <summary>Writes the times for the changelog: big-endian, one per writer, in input order; then a byte for each, 1 when it is idle.</summary>
    internal void Write(EncodeBuffer target)
    {
        foreach (Input input in inputs)
        {
            foreach (long time in input.Times)
            {
                BinaryPrimitives.WriteInt64BigEndian(target.GetSpan(8), time);
                target.Advance(8);
            }
        }

        foreach (Input input in inputs) input.WriteIdle(target);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; times of another number of inputs or partitions are left out.</summary>
    internal void Restore(ReadOnlySpan<byte> source)
    {
        if (source.Length != SnapshotLength * 9) return;
        for (int i = 0; i < committed.Length; i++) committed[i] = BinaryPrimitives.ReadInt64BigEndian(source[(i * 8)..]);
        source = source[(SnapshotLength * 8)..];
        foreach (Input input in inputs) source = source[input.RestoreIdle(source)..];
        Load(committed);
    }

    private void Recompute()
    {
        Moved = true;
        foreach ((TimeGroup group, int[] members) in groups)
        {
            long least = long.MaxValue;
            long greatest = Unknown;
            bool allIdle = true;
            foreach (int member in members)
            {
                Input input = inputs[member];
                if (input.Time > greatest) greatest = input.Time;
                if (input.IsIdle) continue;
                allIdle = false;
                if (input.Time < least) least = input.Time;
            }

            long time = allIdle ? greatest : least;
            if (time > group.Time) group.Time = time;
            if (group.Time >= group.NextClose) CloseDue = true;
        }
    }

    private long[] Saved(long[] into)
    {
        Save(into);
        return into;
    }

    private void Save(long[] into)
    {
        int at = 0;
        foreach (Input input in inputs)
        {
            input.Times.CopyTo(into, at);
            at += input.Times.Length;
        }
    }

    private void Load(long[] from)
    {
        int at = 0;
        foreach (Input input in inputs)
        {
            Array.Copy(from, at, input.Times, 0, input.Times.Length);
            at += input.Times.Length;
            input.Update();
        }

        foreach ((TimeGroup group, _) in groups) group.Time = Unknown;
        CloseDue = false;
        Recompute();
    }

    /// <summary>One input: the times of its writers, the least of them, and who of them is idle.</summary>
    private sealed class Input
    {
        private readonly bool[] idle;

        internal Input(int writers)
        {
            Times = new long[writers];
            idle = new bool[writers];
            Array.Fill(Times, Unknown);
            Time = Unknown;
        }

        internal long[] Times { get; }

        internal long Time { get; private set; }

        internal bool IsIdle { get; private set; }

        internal void Set(int writer, long time, bool isIdle)
        {
            Times[writer] = time;
            idle[writer] = isIdle;
            Update();
        }

        /// <summary>The time of an external input, which has one writer and has just moved.</summary>
        internal void SetOnly(long time)
        {
            Times[0] = Time = time;
            idle[0] = IsIdle = false;
        }

        internal void WriteIdle(EncodeBuffer target)
        {
            Span<byte> flags = target.GetSpan(idle.Length);
            for (int i = 0; i < idle.Length; i++) flags[i] = idle[i] ? (byte)1 : (byte)0;
            target.Advance(idle.Length);
        }

        /// <summary>Other tasks told once that they are idle, and do not tell it again to a process that takes this one over. Of its own partition a task finds out itself.</summary>
        /// <returns>The bytes read.</returns>
        internal int RestoreIdle(ReadOnlySpan<byte> source)
        {
            for (int i = 0; i < idle.Length && idle.Length > 1; i++) idle[i] = source[i] != 0;
            return idle.Length;
        }

        internal void Update()
        {
            long least = long.MaxValue;
            long greatest = Unknown;
            bool allIdle = true;
            for (int i = 0; i < Times.Length; i++)
            {
                if (Times[i] > greatest) greatest = Times[i];
                if (idle[i]) continue;
                allIdle = false;
                if (Times[i] < least) least = Times[i];
            }

            IsIdle = allIdle;
            Time = allIdle ? greatest : least;
        }
    }
}
