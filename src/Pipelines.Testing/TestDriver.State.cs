using Pipelines.Execution;

namespace Pipelines.Testing;

/// <content>Looking into stores.</content>
public sealed partial class TestDriver
{
    /// <summary>The state of a key in a store.</summary>
    /// <typeparam name="T">The state's type.</typeparam>
    /// <typeparam name="TRecord">A record type with the store's key.</typeparam>
    /// <param name="store">Detector and parameter, as <c>possible-fraud/attempts</c>.</param>
    /// <param name="record">A record whose key is meant; its other members do not matter.</param>
    /// <param name="windowStart">The start of the window, for a store that has windows.</param>
    /// <returns>The state, or null when the key has none.</returns>
    /// <exception cref="InvalidOperationException">There is no such store, its states are of another type, or a window was given for a store without (or the other way round).</exception>
    public T? State<T, TRecord>(string store, in TRecord record, DateTimeOffset? windowStart = null)
        where T : struct
        where TRecord : struct, IRecord<TRecord>
    {
        var key = new EncodeBuffer();
        TRecord.WriteKey(in record, key);
        return State<T>(store, key.Written, windowStart);
    }

    /// <summary>The state of a key, given as its bytes.</summary>
    /// <returns>The state, or null when the key has none.</returns>
    /// <exception cref="InvalidOperationException">There is no such store, its states are of another type, or a window was given for a store without (or the other way round).</exception>
    public T? State<T>(string store, ReadOnlySpan<byte> key, DateTimeOffset? windowStart = null)
        where T : struct
    {
        bool isKnown = false;
        foreach (DriverTask task in tasks)
        {
            foreach (StoreBase candidate in task.Task.Scope.Stores)
            {
                if (candidate.Name != store) continue;
                isKnown = true;
                if (candidate is not IStateReader<T> reader) throw new InvalidOperationException($"The states of store '{store}' are not of type {typeof(T).Name}; ask for the type of the handler's ref parameter.");
                if (reader.TryGet(windowStart?.ToUnixTimeMilliseconds(), key, out T state)) return state;
            }
        }

        if (isKnown) return null;
        IEnumerable<string> names = tasks.SelectMany(static task => task.Task.Scope.Stores).Select(static known => known.Name).Distinct().Order(StringComparer.Ordinal);
        throw new InvalidOperationException($"There is no store '{store}'. The stores are: {string.Join(", ", names)}.");
    }
}
