using Pipelines.Generators.Model;

namespace Pipelines.Generators.Emit;

/// <summary>Writes code that writes and reads keys.</summary>
internal static class KeyCode
{
    /// <summary>Code that appends the key made of <paramref name="members"/> to a buffer.</summary>
    public static void Write(SourceWriter source, RecordReference record, EquatableArray<KeyMember> members, string local, string target)
    {
        if (members.Equals(record.Key))
        {
            source.Line($"{record.TypeName}.WriteKey(in {local}, {target});");
            return;
        }

        source.Line($"KEYWRITE({string.Join(", ", members.Select(member => local + "." + member.Name))}, {target});");
    }

    /// <summary>Code that reads a key into one local per member.</summary>
    /// <returns>The locals, by member.</returns>
    public static IReadOnlyList<string> Read(SourceWriter source, EquatableArray<KeyMember> members, string key)
    {
        source.Line($"KEYREAD({string.Join(", ", members.Select(member => member.Name))}, {key});");
        return members.Select(static (_, index) => "key" + index).ToList();
    }
}
