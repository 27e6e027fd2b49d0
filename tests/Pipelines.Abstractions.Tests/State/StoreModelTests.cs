using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.State;

public class StoreModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Undo_seal_and_replay_agree_with_copies_of_everything(int block)
    {
        for (int run = 0; run < 500; run++)
        {
            int seed = (block * 1_000_000) + run;
            try
            {
                Run(seed);
            }
            catch (Exception violation)
            {
                throw new InvalidOperationException($"Seed {seed} fails; Run({seed}) replays it.", violation);
            }
        }
    }

    private static void Run(int seed)
    {
        var random = new Random(seed);
        var undo = new UndoScope { Sequence = 1, EpochStart = 1 };
        var store = new Store<long, LongCodec>(7, "test/state", undo);
        var model = new ModelRun(
            store,
            undo,
            (_, key) => ref store.GetRef(key),
            (long _, byte[] key, out long state) => store.TryGet(key, out state),
            static () => new Store<long, LongCodec>(7, "test/state", new UndoScope { Sequence = 1, EpochStart = 1 }));
        byte[][] keys = Keys.Make(random, random.Next(1, 70));
        model.BeginRecord();
        int steps = random.Next(20, 250);
        for (int step = 0; step < steps; step++)
        {
            int what = random.Next(100);
            if (what < 45) model.Touch(0, keys[random.Next(keys.Length)], random.Next(3));
            else if (what < 70) model.BeginRecord();
            else if (what < 82) model.RollbackRecord();
            else if (what < 88 && !model.IsSealed) model.Seal(wraps: random.Next(4) == 0);
            else if (what < 94 && model.IsSealed) model.Acknowledge();
            else if (what < 97) model.RollbackOpen();
            else if (what >= 97) model.Rollback();
            model.AssertSame();
        }
    }
}
