using System.Text.Json.Serialization;
using Pipelines.Broker.Log;
using Pipelines.Soak.Brokers.Clients;

namespace Pipelines.Soak.Brokers.Processes;

/// <summary>What a client in a process of its own wants noted in the ledger, or asks of it. It waits for the answer, so nothing is sent to the broker before it is noted.</summary>
[JsonDerivedType(typeof(BegunNote), "begun")]
[JsonDerivedType(typeof(OutcomeNote), "outcome")]
[JsonDerivedType(typeof(StepNote), "step")]
[JsonDerivedType(typeof(TurnNote), "turn")]
[JsonDerivedType(typeof(ProducerNote), "producer")]
[JsonDerivedType(typeof(GenerationNote), "generation")]
[JsonDerivedType(typeof(FloorNote), "floor")]
[JsonDerivedType(typeof(JoinNote), "join")]
[JsonDerivedType(typeof(GivenNote), "given")]
[JsonDerivedType(typeof(ShareNote), "share")]
[JsonDerivedType(typeof(FencedNote), "fenced")]
[JsonDerivedType(typeof(OffsetNote), "offset")]
[JsonDerivedType(typeof(ViolationNote), "violation")]
internal abstract record Note
{
    /// <summary>Notes it.</summary>
    /// <returns>The answer; 0 where nothing is asked.</returns>
    internal virtual long Apply(Ledger ledger) => 0;
}

/// <summary>An attempt begins; its number is the answer.</summary>
internal sealed record BegunNote(string Writer, IReadOnlyList<BegunNote.Content> Contents) : Note
{
    internal IReadOnlyDictionary<TopicPartition, IReadOnlyList<string>> ByPartition => Contents.ToDictionary(static one => one.Partition, static one => one.Values);

    internal sealed record Content(TopicPartition Partition, IReadOnlyList<string> Values);
}

/// <summary>What the attempt has come to so far.</summary>
internal sealed record OutcomeNote(Outcome Outcome) : Note;

/// <summary>A step of the attempt is reached; when it goes on is decided by when it is answered.</summary>
internal sealed record StepNote(int Step) : Note;

/// <summary>A turn is over: done as it should be, refused, or there was nothing to do. The answer is 1 when no other is to follow.</summary>
internal sealed record TurnNote(bool? Went) : Note;

/// <summary>A producer id was given.</summary>
internal sealed record ProducerNote(long ProducerId, string Owner) : Note
{
    internal override long Apply(Ledger ledger)
    {
        ledger.SawProducer(ProducerId, Owner);
        return 0;
    }
}

/// <summary>Asks for the highest generation that anybody was told.</summary>
internal sealed record GenerationNote(string Group) : Note
{
    internal override long Apply(Ledger ledger) => ledger.Groups.Generation(Group);
}

/// <summary>Asks what a group's offset has reached.</summary>
internal sealed record FloorNote(string Group, TopicPartition Partition) : Note
{
    internal override long Apply(Ledger ledger) => ledger.Groups.Floors(Group, [Partition])[Partition];
}

/// <summary>A JoinGroup was answered.</summary>
internal sealed record JoinNote(string Group, Claim Claim, int Before) : Note
{
    internal override long Apply(Ledger ledger)
    {
        ledger.Groups.SawJoin(Group, Claim, Before);
        return 0;
    }
}

/// <summary>A leader gives a share.</summary>
internal sealed record GivenNote(int Generation, string Member, IReadOnlyList<TopicPartition> Partitions) : Note
{
    internal override long Apply(Ledger ledger)
    {
        ledger.Groups.Give(Generation, Member, Partitions);
        return 0;
    }
}

/// <summary>A member has its share.</summary>
internal sealed record ShareNote(int Generation, string Member, IReadOnlyList<TopicPartition> Partitions) : Note
{
    internal override long Apply(Ledger ledger)
    {
        ledger.Groups.SawShare(Generation, Member, Partitions);
        return 0;
    }
}

/// <summary>A member was refused as one.</summary>
internal sealed record FencedNote : Note
{
    internal override long Apply(Ledger ledger)
    {
        ledger.Groups.SawFenced();
        return 0;
    }
}

/// <summary>A committed offset was told.</summary>
internal sealed record OffsetNote(string Group, TopicPartition Partition, long Offset, long Before) : Note
{
    internal override long Apply(Ledger ledger)
    {
        ledger.Groups.SawOffset(Group, Partition, Offset, Before);
        return 0;
    }
}

/// <summary>Something is wrong.</summary>
internal sealed record ViolationNote(string What, string Example) : Note
{
    internal override long Apply(Ledger ledger)
    {
        ledger.Violate(What, Example);
        return 0;
    }
}
