using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.State;

public class WindowStoreModelTests
{
    private const long Size = 10;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Windows_close_and_come_back_as_copies_of_everything_say(int block)
    {
        for (int run = 0; run < 500; run++)
        {
            int seed = (block * 1_000_000) + run;
            try
            {
                new WindowRun(seed).Run();
            }
            catch (Exception violation)
            {
                throw new InvalidOperationException($"Seed {seed} fails; new WindowRun({seed}).Run() replays it.", violation);
            }
        }
    }

    /// <summary>One random life of a windowed store, with the stream time that its task would give it.</summary>
    private sealed class WindowRun
    {
        private readonly Random random;
        private readonly long graceMs;
        private readonly WindowStore<long, LongCodec> store;
        private readonly ModelRun model;
        private readonly byte[][] keys;
        private readonly HashSet<long> closed = [];
        private long timeAtEpoch;
        private long timeAtSealed;

        internal WindowRun(int seed)
        {
            random = new Random(seed);
            graceMs = random.Next(3) * 4;
            var undo = new UndoScope { Sequence = 1, EpochStart = 1 };
            store = new WindowStore<long, LongCodec>(9, "test/windowed", Size, graceMs, undo);
            model = new ModelRun(
                store,
                undo,
                (window, key) => ref store.GetRef(window, key),
                (long window, byte[] key, out long state) => store.TryGet(window, key, out state),
                () => new WindowStore<long, LongCodec>(9, "test/windowed", Size, graceMs, new UndoScope { Sequence = 1, EpochStart = 1 }));
            keys = Keys.Make(random, random.Next(1, 40));
            store.Group.Time = 0;
        }

        internal void Run()
        {
            model.BeginRecord();
            int steps = random.Next(20, 250);
            for (int step = 0; step < steps; step++)
            {
                Step(random.Next(100));
                model.AssertSame();
                long expected = model.States.Count == 0 ? long.MaxValue : model.States.Keys.Min(static name => name.Window) + Size + graceMs;
                Assert.Equal(expected, store.Group.NextClose);
            }
        }

        private void Step(int what)
        {
            if (what < 45) Touch();
            else if (what < 65) model.BeginRecord();
            else if (what < 75) model.RollbackRecord();
            else if (what < 83) Advance();
            else if (what < 88 && !model.IsSealed) Seal();
            else if (what < 94 && model.IsSealed) Acknowledge();
            else if (what < 97) RollbackOpen();
            else if (what >= 97) Rollback();
        }

        private void Touch()
        {
            // Now and then a window that has closed already: a task would call its record late, but the store must hold all the same.
            long back = random.Next(8) == 0 ? 3 * Size : 0;
            long window = Window.Tumbling(store.Group.Time - back + random.Next(25), Size).StartMs;
            if (closed.Contains(window)) model.RemadeWindows.Add(window);
            model.Touch(window, keys[random.Next(keys.Length)], random.Next(3));
        }

        private void Advance()
        {
            store.Group.Time += random.Next(20);
            while (store.BeginClosing(out Window window))
            {
                Assert.Equal(model.States.Keys.Min(static name => name.Window), window.StartMs);
                Assert.Equal(window.StartMs + Size, window.EndMs);
                Assert.True(window.EndMs + graceMs <= store.Group.Time);
                if (random.Next(5) > 0) Walk(window);
                store.EndClosing();
                closed.Add(window.StartMs);
                model.Dropped(window.StartMs);
            }

            Assert.DoesNotContain(model.States.Keys, name => name.Window + Size + graceMs <= store.Group.Time);
        }

        private void Walk(Window window)
        {
            // Hexadecimal digits sort as the bytes do.
            var expected = model.States.Where(state => state.Key.Window == window.StartMs).Select(static state => (state.Key.Key, state.Value)).OrderBy(static state => state.Key, StringComparer.Ordinal).ToList();
            var seen = new List<(string, long)>();
            while (store.MoveNext())
            {
                model.BeginRecord();
                seen.Add((Convert.ToHexString(store.CurrentKey), store.Current));
                if (random.Next(4) == 0) model.Touch(Window.Tumbling(store.Group.Time, Size).StartMs + (2 * Size), keys[random.Next(keys.Length)], 1);
                if (random.Next(8) == 0) model.RollbackRecord();
            }

            Assert.Equal(expected, seen);
        }

        private void Seal()
        {
            model.Seal(wraps: random.Next(4) == 0);
            closed.Clear();
            model.RemadeWindows.Clear();
            timeAtSealed = timeAtEpoch;
            timeAtEpoch = store.Group.Time;
        }

        private void Acknowledge()
        {
            model.Acknowledge();
            timeAtSealed = timeAtEpoch;
        }

        private void RollbackOpen()
        {
            model.RollbackOpen();
            Forget(timeAtEpoch);
        }

        private void Rollback()
        {
            bool wasSealed = model.IsSealed;
            model.Rollback();
            if (wasSealed) timeAtEpoch = timeAtSealed;
            Forget(timeAtEpoch);
        }

        private void Forget(long timeMs)
        {
            store.Group.Time = timeMs;
            closed.Clear();
            model.RemadeWindows.Clear();
        }
    }
}
