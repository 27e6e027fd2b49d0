namespace Pipelines.Soak.Eos;

/// <summary>Protections of a worker that can be switched off, alone or several at once, to see that the oracle notices.</summary>
[Flags]
internal enum EosProtection
{
    /// <summary>All protections are on.</summary>
    None = 0,

    /// <summary>Progress is committed after the outputs, in a transaction of its own.</summary>
    Offsets = 1 << 0,

    /// <summary>Offsets in transactions are committed as if by nobody, so that a worker can that is no member any more (KIP-447).</summary>
    Generations = 1 << 1,

    /// <summary>Inputs are read before their transactions are decided, and what was aborted too.</summary>
    Inputs = 1 << 2,

    /// <summary>State is restored from what was aborted too.</summary>
    Restores = 1 << 3,

    /// <summary>Partitions are taken over, and failed commits looked after, without waiting for transactions that are not decided yet.</summary>
    Settling = 1 << 4,

    /// <summary>A producer is opened anew under another transactional id, so that the one before is not fenced. Settling covers for it: the oracle notices when that is off too.</summary>
    Fencing = 1 << 5,

    /// <summary>A commit without an answer is taken for one that did not happen.</summary>
    Outcomes = 1 << 6,

    /// <summary>After a commit that did not happen the tasks go on, and not back to what is committed.</summary>
    Rewinds = 1 << 7,

    /// <summary>State that was changed for nothing is not undone.</summary>
    Undo = 1 << 8,

    /// <summary>Tasks of partitions that were lost go on when the worker is a member again.</summary>
    Losses = 1 << 9,

    /// <summary>Partitions are given to a worker before another has released them.</summary>
    Releases = 1 << 10,
}

/// <summary>What a protection protects against.</summary>
internal static class EosProtections
{
    /// <summary>Faults under which the oracle notices that protections are off, when no others are asked for.</summary>
    internal static string FaultsFor(EosProtection off) => off switch
    {
        EosProtection.Offsets => "cut-request:EndTxn,cut-request:EndTxn,cut-request:EndTxn,cut-request:EndTxn,cut-request:EndTxn",
        EosProtection.Generations or EosProtection.Losses => "zombie,zombie,zombie",
        EosProtection.Inputs => "input-abort,input-abort",
        EosProtection.Restores => "kill-at:EndTxn",
        EosProtection.Settling => "kill-late:EndTxn,kill-late:EndTxn",
        EosProtection.Settling | EosProtection.Fencing => "late:EndTxn",
        EosProtection.Outcomes => "cut-answer:EndTxn",
        EosProtection.Rewinds or EosProtection.Undo => "cut-request:EndTxn",
        EosProtection.Releases => "join-at:Produce,join-at:Produce,join-at:Produce,join-at:Produce,join-at:Produce",
        _ => "all",
    };
}
