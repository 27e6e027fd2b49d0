using System.Collections.Concurrent;
using Pipelines.Broker.Server;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Worlds;

namespace Pipelines.Soak.Brokers;

/// <summary>One round while it runs: the broker, what clients record, and how clients are made.</summary>
/// <param name="address">Where clients find the broker.</param>
/// <param name="session">How long a member of a group may be silent.</param>
/// <param name="off">What is switched off.</param>
/// <param name="isCooperative">True when members of groups keep what they have while others come and go.</param>
internal sealed class Stage(Address address, TimeSpan session, BrokerProtection off, bool isCooperative)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);
    private int scripts;

    /// <summary>The broker, for whoever does something to it; there is none in a client's process.</summary>
    internal World World
    {
        get => field ?? throw new InvalidOperationException("A client in a process of its own has only the broker's address.");
        init;
    }

    internal Address Address => address;

    internal TimeSpan Session => session;

    /// <summary>How long transactions may be open when nobody says otherwise.</summary>
    internal TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(20);

    internal BrokerProtection Off => off;

    /// <summary>True when members of a group copy.</summary>
    internal bool IsCopied { get; init; }

    /// <summary>True when members of groups keep what they have while others come and go.</summary>
    internal bool IsCooperative => isCooperative;

    /// <summary>Ends all clients, wherever they are.</summary>
    internal CancellationToken Ending { get; set; }

    /// <summary>What is left to be copied when nobody writes any more.</summary>
    internal Drain Drain { get; } = new();

    internal Burden Burden { get; } = new();

    internal Ledger Ledger { get; init; } = new();

    /// <summary>What was written into the compacted topic; there is none in a client's process.</summary>
    internal KeyedLedger Keys
    {
        get => field ?? throw new InvalidOperationException("A client in a process of its own does not write into the compacted topic.");
        init;
    }

    /// <summary>The offsets that were committed at the end, by the writer whose attempt's number they are.</summary>
    internal ConcurrentDictionary<string, long> Offsets { get; } = new(StringComparer.Ordinal);

    /// <summary>A name that no client of the round has had.</summary>
    internal string NewName(string kind) => $"{kind}-{Interlocked.Increment(ref scripts)}";

    internal Link Link(string name, TimeSpan? patience = null) => new(address, name, patience ?? Patience);

    internal Transactor Transactor(Link link, string name, bool isVersion2, TimeSpan? timeout = null) => new(link, Ledger, name, isVersion2, timeout ?? TransactionTimeout, off);
}
