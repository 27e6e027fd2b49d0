using Pipelines.Broker.Security;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Journal;

/// <summary>A user's credential was set or deleted.</summary>
internal sealed record ScramChanged(ScramChange Change) : JournalEntry;

/// <summary>Rules were added to the access control lists.</summary>
internal sealed record AclsCreated(IReadOnlyList<AclRule> Rules) : JournalEntry;

/// <summary>Rules were taken out of the access control lists.</summary>
internal sealed record AclsDeleted(IReadOnlyList<AclRule> Rules) : JournalEntry;

/// <summary>The journal's entries about security as bytes.</summary>
internal static class SecurityEntryCodec
{
    private const byte ScramSetType = 50;
    private const byte ScramDeletedType = 51;
    private const byte AclsCreatedType = 52;
    private const byte AclsDeletedType = 53;

    /// <summary>False when the entry is of another kind.</summary>
    internal static bool TryWrite(BinaryWriter target, JournalEntry entry)
    {
        switch (entry)
        {
            case ScramChanged { Change: { Keys: { } keys } change }:
                target.Write(ScramSetType);
                target.Write(change.User);
                target.Write((byte)change.Mechanism);
                Write(target, keys.Salt);
                target.Write(keys.Iterations);
                Write(target, keys.StoredKey);
                Write(target, keys.ServerKey);
                return true;
            case ScramChanged { Change: var change }:
                target.Write(ScramDeletedType);
                target.Write(change.User);
                target.Write((byte)change.Mechanism);
                return true;
            case AclsCreated created:
                target.Write(AclsCreatedType);
                Write(target, created.Rules);
                return true;
            case AclsDeleted deleted:
                target.Write(AclsDeletedType);
                Write(target, deleted.Rules);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads an entry of one of the types above, or null.</summary>
    internal static JournalEntry? TryRead(byte type, BinaryReader source) => type switch
    {
        ScramSetType => new ScramChanged(new ScramChange(
            source.ReadString(), (SaslMechanism)source.ReadByte(), new ScramKeys(ReadBytes(source), source.ReadInt32(), ReadBytes(source), ReadBytes(source)))),
        ScramDeletedType => new ScramChanged(new ScramChange(source.ReadString(), (SaslMechanism)source.ReadByte(), null)),
        AclsCreatedType => new AclsCreated(ReadRules(source)),
        AclsDeletedType => new AclsDeleted(ReadRules(source)),
        _ => null,
    };

    private static void Write(BinaryWriter target, IReadOnlyList<AclRule> rules)
    {
        target.Write(rules.Count);
        foreach (AclRule rule in rules)
        {
            target.Write((byte)rule.Kind);
            target.Write((byte)rule.Pattern);
            target.Write(rule.Name);
            target.Write(rule.Principal);
            target.Write(rule.Host);
            target.Write((byte)rule.Operation);
            target.Write((byte)rule.Permission);
        }
    }

    private static List<AclRule> ReadRules(BinaryReader source)
    {
        var rules = new List<AclRule>();
        for (int left = source.ReadInt32(); left > 0; left--)
        {
            rules.Add(new AclRule(
                (ResourceKind)source.ReadByte(), (PatternKind)source.ReadByte(), source.ReadString(), source.ReadString(), source.ReadString(),
                (Operation)source.ReadByte(), (Permission)source.ReadByte()));
        }

        return rules;
    }

    private static void Write(BinaryWriter target, ReadOnlyMemory<byte> bytes)
    {
        target.Write(bytes.Length);
        target.Write(bytes.Span);
    }

    private static byte[] ReadBytes(BinaryReader source) => source.ReadBytes(source.ReadInt32());
}
