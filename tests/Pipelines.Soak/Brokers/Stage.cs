using System.Collections.Concurrent;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Worlds;

namespace Pipelines.Soak.Brokers;

/// <summary>One round while it runs: the broker, what clients record, and how clients are made.</summary>
internal sealed class Stage
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(20);
    private int scripts;

    /// <param name="world">The broker.</param>
    /// <param name="off">What is switched off.</param>
    internal Stage(World world, BrokerProtection off)
    {
        World = world;
        Off = off;
        Ledger = new Ledger();
        Keys = new KeyedLedger(Ledger, () => world.ClockJumps);
    }

    internal World World { get; }

    internal BrokerProtection Off { get; }

    /// <summary>True when members of a group copy.</summary>
    internal bool IsCopied { get; init; }

    /// <summary>True when members of groups keep what they have while others come and go.</summary>
    internal bool IsCooperative { get; init; }

    /// <summary>Ends all clients, wherever they are.</summary>
    internal CancellationToken Ending { get; set; }

    /// <summary>What is left to be copied when nobody writes any more.</summary>
    internal Drain Drain { get; } = new();

    internal Ledger Ledger { get; }

    /// <summary>What was written into the compacted topic.</summary>
    internal KeyedLedger Keys { get; }

    /// <summary>The offsets that were committed at the end, by the writer whose attempt's number they are.</summary>
    internal ConcurrentDictionary<string, long> Offsets { get; } = new(StringComparer.Ordinal);

    /// <summary>A name that no client of the round has had.</summary>
    internal string NewName(string kind) => $"{kind}-{Interlocked.Increment(ref scripts)}";

    internal Link Link(string name, TimeSpan? patience = null) => new(World.Proxy.Address, name, patience ?? Patience);

    internal Transactor Transactor(Link link, string name, bool isVersion2, TimeSpan? timeout = null) => new(link, Ledger, name, isVersion2, timeout ?? TransactionTimeout, Off);
}
