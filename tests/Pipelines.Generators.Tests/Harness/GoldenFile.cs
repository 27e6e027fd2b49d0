using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace Pipelines.Generators.Tests;

/// <summary>Generated code that was reviewed like source: <c>Golden/*.verified.cs</c>. A difference writes <c>*.received.cs</c> beside it.</summary>
internal static class GoldenFile
{
    public static void Compare(string name, string text)
    {
        string folder = Path.Combine(ProjectFolder(), "Golden");
        string verified = Path.Combine(folder, name + ".verified.cs");
        string received = Path.Combine(folder, name + ".received.cs");
        string expected = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : "";
        if (expected == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        IEnumerable<string> lines = new InlineDiffBuilder(new DiffPlex.Differ()).BuildDiffModel(expected, text).Lines
            .Where(static line => line.Type is ChangeType.Inserted or ChangeType.Deleted)
            .Take(60)
            .Select(static line => (line.Type == ChangeType.Inserted ? "+ " : "- ") + line.Text);
        Assert.Fail($"{name} differs from {verified}; if it is right, rename {received} to it.\n{string.Join('\n', lines)}");
    }

    private static string ProjectFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetDirectoryName(Path.GetDirectoryName(path))!;
}
